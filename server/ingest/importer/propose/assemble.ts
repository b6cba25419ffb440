/** Columns chosen → a mapping that the importer takes. The rules are those of docs/import/README.md: ids from the source's own codes, one event a date. */
import type { Mapping } from '../mapping.ts';
import type { Said } from '../texts.ts';
import type { Choice } from './choose.ts';
import type { Column } from './evidence.ts';
import { REQUIRED, STEPS, type ImportKind } from './headings.ts';
import type { Sheet } from './sheet.ts';
import type { Value } from './tables.ts';

export interface Plan {
  /** Null while nothing can become an event. */
  events: Mapping['events'] | null;
  rowIs: 'event' | 'dossier' | 'both' | null;
  missing: string[]; notes: Said[];
}
const said = (vi: string, en: string): Said => ({ vi, en });
const ENDS = new Set(['refused', 'withdrawn', 'stopped', 'resolved', 'returned']);
/** What a first event of the thing tells beside its time. */
const TOLD: Readonly<Record<ImportKind, readonly string[]>> = {
  dossiers: ['dueAt', 'unit', 'receivingUnit', 'procedure', 'channel', 'counter', 'facts.digitized', 'facts.paidOnline', 'facts.feeRequired', 'facts.electronicResult', 'facts.resultByPost'],
  queue: ['unit', 'counter', 'procedure'], surveys: ['unit', 'counter', 'dossier', 'ticket', 'rating', 'source', 'reasons', 'fault'], feedback: ['unit', 'source', 'category', 'dueAt'],
};

export function plan(kind: ImportKind, chosen: ReadonlyMap<string, Choice>, fixed: Readonly<Record<string, string>>, columns: readonly Column[], values: readonly Value[]): Plan {
  const notes: Said[] = [];
  const titleOf = (role: string) => columns.find((one) => one.index === chosen.get(role)?.column)?.title;
  const take = (role: string): string | undefined => { const title = titleOf(role); return title === undefined ? fixed[role] : `{${title}}`; };
  const told = (...roles: readonly string[]) => Object.fromEntries(roles.flatMap((role) => { const text = take(role); return text === undefined ? [] : [[role, text]]; }));
  const subject = kind === 'dossiers' ? 'dossier' : kind === 'queue' ? 'ticket' : 'case';
  const filled = (role: string) => (columns.find((one) => one.index === chosen.get(role)?.column)?.values.length ?? 0) > 0;
  const steps = Object.entries(STEPS[kind]).filter(([role]) => titleOf(role) !== undefined && (role !== 'newDueAt'));
  const moment = titleOf('at') !== undefined || steps.length > 0;
  const missing = REQUIRED[kind].filter((role) => (role === 'moment' ? !moment : take(role) === undefined));
  const events: Mapping['events'] = [];

  if (kind === 'surveys') {
    const parts = ['unit', 'counter', 'dossier', 'ticket', 'at', 'rating'].filter((role) => titleOf(role) !== undefined);
    if (titleOf('eventId') === undefined) notes.push(said('Tệp không có cột mã phiếu: mã sự kiện ghép từ các cột khác. Hai phiếu giống hệt nhau ở các cột ấy chỉ được tính một.', 'The file has no column of ids: the event’s id is put together from other columns. Two ratings that are alike in all of them count as one.'));
    if (titleOf('at') !== undefined) events.push({ fields: { eventId: take('eventId') ?? parts.map((role) => `{${titleOf(role) ?? ''}}`).join(':'), at: take('at') ?? '', ...told(...TOLD.surveys) } });
    return { events: events.length > 0 ? events : null, rowIs: 'event', missing, notes };
  }
  const thing = take(subject);
  // A ticket's number comes back every day: its id needs the day, and whose number it is.
  const idOf = (time: string, end: string) => (kind === 'queue' ? [...(titleOf('unit') === undefined ? [] : [take('unit')]), thing, `{${time}}`, end].join(':') : `${thing ?? ''}:${end}`);
  const statusColumn = titleOf('status');
  const statuses = new Set(values.filter((value) => value.field === 'status').map((value) => value.word));
  const at = titleOf('at');
  // How it ended stands in a column of its own. With two dates of an end it is clear which end is meant, unless it was no result.
  const ends = ['resolvedAt', 'returnedAt'].filter((role) => steps.some(([other]) => other === role) && filled(role));
  const end = kind === 'dossiers' && at === undefined && statusColumn !== undefined && (ends.length === 1 || [...statuses].some((word) => word === 'refused' || word === 'withdrawn' || word === 'stopped')) ? ends[0] : undefined;
  const told1 = told(...TOLD[kind]);
  const whole = new Set(kind === 'dossiers' ? [steps.some(([role]) => role === 'receivedAt') ? 'receivedAt' : 'at'] : []);
  if (thing !== undefined) {
    for (const [role, [status, id]] of steps) {
      const title = titleOf(role) ?? '';
      const more = kind !== 'dossiers' ? (role === 'resolvedAt' ? { ...told1, ...told('satisfied') } : told1) : whole.has(role) ? told1 : {};
      events.push({ when: title, fields: { eventId: idOf(title, id), [subject]: thing, status: role === end ? `{${statusColumn ?? ''}}` : status, at: `{${title}}`, ...more } });
    }
    if (at !== undefined) {
      const status = statusColumn === undefined ? (kind === 'dossiers' ? 'facts_updated' : undefined) : `{${statusColumn}}`;
      if (status === undefined) notes.push(said(`Cột «${at}» là thời điểm nhưng không có cột trạng thái nào nói việc gì đã xảy ra.`, `The column «${at}» is a time, but no column of a status says what happened then.`));
      else events.push({ when: at, fields: { eventId: take('eventId') ?? idOf(at, status === 'facts_updated' ? `{${at}}` : kind === 'queue' ? status : `${status}:{${at}}`), [subject]: thing, status, at: `{${at}}`, ...(kind !== 'dossiers' || whole.has('at') ? told1 : {}), ...(kind === 'feedback' ? told('satisfied') : {}), ...(kind === 'dossiers' ? told('newDueAt') : {}) } });
    }
  }
  if (statusColumn !== undefined && !events.some((event) => event.fields.status === `{${statusColumn}}`)) notes.push(said(`Cột «${statusColumn}» là trạng thái nhưng không rõ từ lúc nào: trạng thái không được nhập, chỉ các cột ngày thành sự kiện.`, `The column «${statusColumn}» is a status, but nothing says since when: it is not imported, only the columns of dates become events.`));
  if (end !== undefined && [...statuses].some((word) => word !== null && !ENDS.has(word))) notes.push(said(`Cột «${statusColumn ?? ''}» chỉ được dùng ở dòng đã có «${titleOf(end) ?? ''}»; trạng thái giữa chừng không có cột ngày nên không thành sự kiện.`, `The column «${statusColumn ?? ''}» counts only where «${titleOf(end) ?? ''}» is filled; what is under way has no date of its own and becomes no event.`));
  return { events: events.length > 0 ? events : null, rowIs: events.length === 0 ? null : at === undefined || events.length === steps.length ? 'dossier' : steps.length === 0 ? 'event' : 'both', missing, notes };
}

export function mappingOf(sheet: Sheet, events: Mapping['events'], values: readonly Value[], { zone, dateOrder, serialDates }: { zone: string; dateOrder: 'dmy' | 'mdy'; serialDates: boolean }): Mapping {
  const used = new Set(events.flatMap((event) => Object.values(event.fields).flatMap((text) => [...String(text).matchAll(/\{([^{}]+)\}/g)].map(([, title]) => title))));
  const tables = Object.create(null) as Record<string, Record<string, string>>;
  for (const { column, text, word } of values) if (word !== null && used.has(column)) (tables[column] ??= Object.create(null) as Record<string, string>)[text] = word;
  return {
    encoding: sheet.encoding ?? 'utf-8', sheet: sheet.sheet ?? 1, headerRow: sheet.headerRow, offset: '+07:00', zone, dateOrder, serialDates, dueTime: '17:00', values: tables, events,
  };
}

/** Which rows lie behind a figure where units have a life: each code with the days on which the row came in and happened. */
import { countedIn, openOn } from '#analytics/unit/reach.ts';
import { dayOf, startOfDay, type Zone } from '#analytics/time/localDay.ts';
import type { TreeOfFigures } from '#analytics/unit/reach.ts';
import { unitAsked } from '../units/asked.ts';
import type { Units } from '../units/tree.ts';
import type { Definition } from './definition.ts';
import type { Period } from './period.ts';

interface Part { codes: string[]; came: [number, number]; happened: [number, number] }

/** A unit of which only a share is in the figure is listed whole: a dossier has no parts. The instants and codes are our own. */
export function behindThen(units: Units, address: string, period: Period, tree: TreeOfFigures, zone: Zone, definition: Definition): { codes: string[]; where: string } {
  const asked = { history: units.history, root: unitAsked(units, address, { to: period.to, tree }), tree, today: units.today() };
  const always: [number, number] = [-Infinity, Infinity];
  const lasting = definition.from === 'dossiers' || definition.from === 'feedback_cases';
  const asOf = dayOf(period.asOf.getTime(), zone);
  const parts: Part[] = !lasting
    // Tickets and ratings belong to the unit of their own day.
    ? countedIn(asked, definition.standing ? asOf : period.fromDay, definition.standing ? asOf : period.toDay).map((slice) => ({ codes: [...slice.shares.keys()], came: always, happened: [slice.first, slice.last] }))
    : definition.standing ? openOn(asked, asOf).map((slice) => ({ codes: [...slice.shares.keys()], came: [slice.first, slice.last], happened: always }))
      : countedIn(asked, period.fromDay, period.toDay).flatMap(({ first, last }) => openOn(asked, first).map((slice): Part => ({ codes: [...slice.shares.keys()], came: [slice.first, slice.last], happened: [first, last] })));
  const within = (column: string, [first, last]: [number, number]) => [
    ...(Number.isFinite(first) ? [`${column} >= '${new Date(startOfDay(first, zone)).toISOString()}'`] : []), ...(Number.isFinite(last) ? [`${column} < '${new Date(startOfDay(last + 1, zone)).toISOString()}'`] : [])];
  const conditions = parts.filter((part) => part.codes.length > 0).map(({ codes, came, happened }) => [
    `unit IN (${codes.map((code) => `'${code.replaceAll("'", "''")}'`).join(', ')})`, ...within(`coalesce(received_at, ${definition.at})`, came), ...within(definition.at, happened),
  ].join(' AND '));
  return { codes: [...new Set(parts.flatMap((part) => part.codes))], where: ` AND (${conditions.length > 0 ? conditions.map((one) => `(${one})`).join(' OR ') : 'false'})` };
}

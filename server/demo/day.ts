/** Everything that begins at one desk on one day, the same on every start; later events of it may lie on later days. */
import type { IngestKind } from '#contract/vocabulary.ts';
import type { DossierEventBody, FeedbackEventBody, QueueEventBody, SurveyEventBody } from '#contract/events.ts';
import { chanceOf, type Chance } from './chance.ts';
import { afterWork, dayName, MINUTE, sessionsOf, startOf, type Desk, type Province } from './province.ts';

export type Sent = { kind: Extract<IngestKind, 'dossiers'>; at: number; event: DossierEventBody } | { kind: 'queue'; at: number; event: QueueEventBody } | { kind: 'surveys'; at: number; event: SurveyEventBody } | { kind: 'feedback'; at: number; event: FeedbackEventBody };

const iso = (at: number) => new Date(Math.round(at)).toISOString();
const HOUR = 3_600_000;
const WEEKDAY = [1.35, 1.05, 1, 0.95, 1.1];
const REASONS = ['thời gian chờ lâu', 'thái độ chưa đúng mực', 'yêu cầu thêm giấy tờ', 'hướng dẫn chưa rõ', 'trễ hẹn'];

export interface DayParts { province: Province; desk: Desk; day: number; /** How far the day lies back in the history, 0 (oldest) to 1. */ progress: number; withTickets: boolean }

export function eventsOfDay({ province, desk, day, progress, withTickets }: DayParts): Sent[] {
  const { history } = province.config.demo;
  if (!province.wasThere(desk.unit.code, dayName(day))) return [];
  const chance = chanceOf(`${province.seed} ${desk.unit.code} ${day}`);
  const sessions = sessionsOf(day, province);
  const open = sessions.length > 0;
  const workingDays = history.months * 21;
  const mean = (history.dossiers / workingDays) * (desk.weight / province.totalWeight) * (open ? WEEKDAY[(day + 3) % 7] ?? 1 : 0.04);
  const count = Math.floor(mean + chance.next());
  const moment = () => {
    if (!open) return startOf(day, province) + chance.between(8, 21) * HOUR;
    const session = chance.pick(sessions);
    // Mornings are fuller towards nine, afternoons towards half past two.
    return session.from + (session.to - session.from) * Math.min(1, (chance.next() + chance.next()) / 2 + 0.02);
  };
  const out: Sent[] = [];
  for (let i = 0; i < count; i += 1) dossier(out, chance, { province, desk, day, progress, withTickets }, i, moment(), open);
  const cases = (history.cases / (history.months * 30)) * (desk.weight / province.totalWeight);
  if (chance.yes(cases)) feedback(out, chance, desk, day, moment());
  // Some come for advice or a copy and leave no dossier.
  if (withTickets && open) queue(out, chance, desk, day, Array.from({ length: Math.floor(mean * 2.2 + 4 + chance.next()) }, moment).sort((a, b) => a - b), sessions);
  return out;
}

/** Drawn apart, so that a fact more does not make another province. */
function digitalFacts(chance: Chance, procedure: string, online: boolean, progress: number) {
  return {
    dataReused: chance.yes(0.2 + 0.3 * progress), personalStore: chance.yes(0.1 + 0.2 * progress), identityVerified: online && chance.yes(0.8),
    ...(procedure === '2.000815' ? { certifiedCopy: chance.yes(0.25 + 0.2 * progress) } : {}),
  };
}

function dossier(out: Sent[], chance: Chance, { province, desk, day, progress, withTickets }: DayParts, i: number, receivedAt: number, open: boolean): void {
  const id = `MP-${desk.unit.code}-${dayName(day).slice(2).replaceAll('-', '')}-${String(i + 1).padStart(4, '0')}`;
  const procedure = chance.pick(desk.procedures);
  const online = !open || chance.yes(0.3 + 0.25 * progress);
  const counter = String(chance.whole(1, desk.counters));
  const add = (status: DossierEventBody['status'], at: number, more: Partial<DossierEventBody> = {}) => out.push({ kind: 'dossiers', at, event: { eventId: `${id}:${status}`, dossier: id, status, at: iso(at), ...more } });
  const digitized = chance.yes(0.4 + 0.3 * progress);
  const elsewhere = chance.yes(0.03) ? province.config.units.find((unit) => unit.code.endsWith('TTHCC'))?.code : undefined;
  add('received', receivedAt, {
    unit: desk.unit.code, procedure: procedure.code, channel: online ? (chance.yes(0.6) ? 'online_full' : 'online_partial') : chance.yes(0.04) ? 'postal' : 'in_person', counter,
    ...(elsewhere === undefined ? {} : { receivingUnit: elsewhere }), facts: { feeRequired: procedure.feeRequired, ...(procedure.feeRequired ? { paidOnline: chance.yes(0.25 + 0.2 * progress) } : {}), digitized, ...digitalFacts(chanceOf(`${id} facts`), procedure.code, online, progress) },
  });
  if (chance.yes(0.012)) { add('withdrawn', afterWork(receivedAt, chance.between(1, 12) * HOUR, province)); return; }
  const limit = procedure.workingDays * 8 * HOUR;
  const late = chance.yes(desk.lateShare);
  let spent = late ? limit * chance.between(1.08, 1.6) + HOUR : limit * chance.between(0.25, 0.9);
  add('processing', afterWork(receivedAt, Math.min(spent, 2 * HOUR) * chance.next(), province));
  if (procedure.workingDays >= 3 && chance.yes(0.05)) {
    const asked = afterWork(receivedAt, spent * 0.3, province);
    const wait = chance.between(6, 40) * HOUR;
    add('supplement_requested', asked);
    add('supplement_received', afterWork(asked, wait, province));
    spent += wait;
  }
  if (late && procedure.workingDays >= 2 && chance.yes(0.7)) { const at = afterWork(receivedAt, limit * 0.9, province); add('apology_sent', at, { newDueAt: iso(afterWork(at, limit, province)) }); }
  const resolvedAt = afterWork(receivedAt, spent, province);
  add('resolved', resolvedAt, { facts: { electronicResult: chance.yes(0.35 + 0.3 * progress), resultByPost: chance.yes(0.08) } });
  add('returned', resolvedAt + chance.between(5, 90) * MINUTE);
  // Ratings beside tickets come with the tickets.
  if (!withTickets && chance.yes(0.55)) rating(out, chance, desk, `${id}:rating`, resolvedAt + chance.between(6, 100) * MINUTE, { counter, dossier: id }, late);
}

function rating(out: Sent[], chance: Chance, desk: Desk, eventId: string, at: number, about: { counter: string; dossier?: string; ticket?: string }, late: boolean): void {
  const unhappy = chance.yes(desk.unhappyShare + (late ? 0.25 : 0));
  const value = unhappy ? chance.whole(1, 2) : chance.yes(0.03) ? 3 : chance.whole(4, 5);
  out.push({ kind: 'surveys', at, event: { eventId, unit: desk.unit.code, at: iso(at), rating: value, source: chance.pick(['tablet', 'tablet', 'tablet', 'zalo', 'sms', 'portal'] as const), ...about, ...(unhappy ? { reasons: [chance.pick(REASONS)], fault: chance.yes(0.4) } : {}) } });
}

/** First come, first served, by as many counters as the day's people need; nobody calls at noon. */
function queue(out: Sent[], chance: Chance, desk: Desk, day: number, issued: readonly number[], sessions: readonly { from: number; to: number }[]): void {
  const slow = desk.lateShare > 0.1 ? 2.6 : 1;
  const minutes = sessions.reduce((sum, session) => sum + (session.to - session.from) / MINUTE, 0);
  const open = Math.max(1, Math.min(desk.counters, Math.ceil((issued.length * 8.5) / (minutes * 0.75))));
  const free = Array.from({ length: open }, () => sessions[0]?.from ?? 0);
  issued.forEach((issuedAt, i) => {
    const counter = free.indexOf(Math.min(...free));
    let called = Math.max(issuedAt + chance.between(0.3, 1.5) * MINUTE, free[counter] ?? issuedAt);
    const next = sessions.find((session) => called < session.to);
    if (next) called = Math.max(called, next.from);
    free[counter] = ticket(out, chance, desk, day, i, issuedAt, called, String(counter + 1), slow);
  });
}

/** Gives the instant at which its counter is free again. */
function ticket(out: Sent[], chance: Chance, desk: Desk, day: number, i: number, issuedAt: number, called: number, counter: string, slow: number): number {
  const number = `A${String(i + 1).padStart(3, '0')}`;
  const id = `MPQ-${desk.unit.code}-${dayName(day)}-${number}`;
  const add = (status: QueueEventBody['status'], at: number, more: Partial<QueueEventBody> = {}) => out.push({ kind: 'queue', at, event: { eventId: `${id}:${status}`, unit: desk.unit.code, ticket: number, status, at: iso(at), ...more } });
  add('issued', issuedAt);
  add('called', called, { counter });
  if (chance.yes(0.03)) { add('no_show', called + 2 * MINUTE, { counter }); return called + 2 * MINUTE; }
  const served = called + chance.between(3, 14) * slow * MINUTE;
  add('served', served, { counter });
  if (chance.yes(0.3)) rating(out, chance, desk, `${id}:rating`, served + chance.between(0.2, 3) * MINUTE, { counter, ticket: number }, false);
  return served;
}

function feedback(out: Sent[], chance: Chance, desk: Desk, day: number, at: number): void {
  const id = `MPK-${desk.unit.code}-${dayName(day)}`;
  const source = chance.pick(['hotline_1022', 'national_portal', 'provincial_portal'] as const);
  const due = at + 7 * 24 * HOUR;
  const resolved = at + chance.between(0.5, chance.yes(0.05) ? 12 : 6.5) * 24 * HOUR;
  const base = { case: id, unit: desk.unit.code, source };
  out.push({ kind: 'feedback', at, event: { ...base, eventId: `${id}:received`, status: 'received', at: iso(at), dueAt: iso(due), category: chance.pick(['thủ tục', 'thái độ phục vụ', 'thời gian giải quyết']) } });
  out.push({ kind: 'feedback', at: resolved, event: { ...base, eventId: `${id}:resolved`, status: 'resolved', at: iso(resolved), satisfied: chance.yes(0.94) } });
}

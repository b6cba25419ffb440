/**
 * Takes the deadlines to the calendar that is configured now: an explicit step of an administrator, never a side effect of the
 * next event. Page by page, each in a transaction of its own under the lock of the dossiers, so that the ingest waits for one page only.
 */
import type { Database, Queryable } from '../database/pool.ts';
import { applyCounters } from '../ingest/counters.ts';
import { DOSSIER, dossierEventOf, storedOf, type DossierRow } from '../ingest/dossierRows.ts';
import { aloneWith } from '../ingest/kind.ts';
import type { DossierRules } from '../ingest/postDossiers.ts';
import type { DossierEventBody } from '#contract/events.ts';
import { appendAudit } from '../audit/append.ts';
import { readSetting, writeSetting } from '../settings.ts';
import { openCalendars, type Calendars, type ClockOf } from './calendars.ts';
import { changesOf, reckonBy, type Counted, type Reckoned } from './reckoned.ts';

const PAGE = 1_000;

/** What is known of the deadlines and the configured calendar; kept in `settings`. */
export interface CalendarNotice {
  /** The configured calendar, since when it is so, and the one before. */
  calendar: number; changedAt: string; previous: number | null;
  /** Dossiers still reckoned by another calendar, and how many of them have another deadline by this one; null until they are counted. */
  behind: number | null; differing: number | null; unprovable: number | null; checkedAt: string | null;
  corrected: { at: string; dossiers: number } | null;
}
export const NOTICE = 'calendar';

/** `differing`: with another deadline. `outcomes`: with another result (early, on time, late) too. `unprovable`: their events are past retention, they keep what they have. */
export interface Recomputed { behind: number; differing: number; outcomes: number; unprovable: number; examples: { code: string; before: number | null; after: number | null }[] }

interface Found { code: string; stored: Reckoned & { simulated: boolean }; after: Reckoned }

/** By the present calendar; what was reported first stays what it was, and going back to it ends the difference. */
function correct(stored: Reckoned, bodies: readonly DossierEventBody[], current: number, clockOf: ClockOf): Reckoned {
  const events = bodies.map(dossierEventOf);
  const plain = reckonBy(events, current, null, clockOf);
  if (stored.reported?.calendar === current) return plain;
  if (stored.reported) return { ...plain, reported: stored.reported };
  return plain.state.dueAt === stored.state.dueAt ? plain : { ...plain, reported: { calendar: stored.calendar, dueAt: stored.state.dueAt } };
}

async function pageOf(connection: Queryable, after: string, { current, clocks }: Calendars): Promise<{ found: Found[]; unprovable: number; last: string | null }> {
  const rows = (await connection.query<DossierRow & { bodies: DossierEventBody[] | null }>(
    `SELECT ${DOSSIER}, CASE WHEN d.events_kept THEN (SELECT json_agg(e.body) FROM dossier_events e WHERE e.dossier = d.code) END AS bodies FROM dossiers d WHERE d.code > $1 AND d.calendar <> $2 ORDER BY d.code LIMIT ${PAGE}`, [after, current])).rows;
  const clockOf = await clocks(connection, rows.map((row) => row.calendar));
  const kept = rows.filter((row) => row.events_kept);
  return {
    found: kept.map((row) => { const stored = storedOf(row); return { code: row.code, stored, after: correct(stored, row.bodies ?? [], current, clockOf) }; }),
    unprovable: rows.length - kept.length, last: rows[rows.length - 1]?.code ?? null,
  };
}

async function keep(connection: Queryable, page: readonly Found[], current: number, rules: DossierRules, at: Date): Promise<void> {
  const changes: Counted[] = [];
  for (const { stored, after } of page) {
    const { corrected, reported } = changesOf(stored, after, rules);
    for (const part of corrected) changes.push({ ...part, simulated: stored.simulated });
    for (const part of reported) changes.push({ ...part, simulated: stored.simulated, reported: true });
  }
  const time = (instant: number | null) => (instant === null ? null : new Date(instant));
  const moved = page.filter(({ stored, after }) => stored.state.dueAt !== after.state.dueAt);
  await connection.query('UPDATE dossiers SET calendar = $2 WHERE code = ANY($1)', [page.map((one) => one.code), current]);
  await connection.query(
    `UPDATE dossiers d SET due_at = m.due_at, reported_calendar = m.reported_calendar, reported_due_at = m.reported_due_at
     FROM unnest($1::text[], $2::timestamptz[], $3::smallint[], $4::timestamptz[]) AS m(code, due_at, reported_calendar, reported_due_at) WHERE d.code = m.code`,
    [page.map((one) => one.code), page.map(({ after }) => time(after.state.dueAt)), page.map(({ after }) => after.reported?.calendar ?? null), page.map(({ after }) => time(after.reported?.dueAt ?? null))]);
  await connection.query(
    `INSERT INTO deadline_corrections (dossier, corrected_at, before, after, from_calendar, to_calendar, simulated)
     SELECT code, $2, before, after, from_calendar, $3, simulated FROM unnest($1::text[], $4::timestamptz[], $5::timestamptz[], $6::smallint[], $7::boolean[]) AS m(code, before, after, from_calendar, simulated)`,
    [moved.map((one) => one.code), at, current, moved.map(({ stored }) => time(stored.state.dueAt)), moved.map(({ after }) => time(after.state.dueAt)), moved.map(({ stored }) => stored.calendar), moved.map(({ stored }) => stored.simulated)]);
  await applyCounters(connection, changes);
}

function take(sum: Recomputed, found: readonly Found[], unprovable: number, rules: DossierRules): void {
  sum.behind += found.length + unprovable;
  sum.unprovable += unprovable;
  for (const { code, stored, after } of found) {
    if (stored.state.dueAt === after.state.dueAt) continue;
    sum.differing += 1;
    if (changesOf(stored, after, rules).corrected.length > 0) sum.outcomes += 1;
    if (sum.examples.length < 20) sum.examples.push({ code, before: stored.state.dueAt, after: after.state.dueAt });
  }
}

/** How many deadlines would move. Reads only, and may be given up between two pages. */
export async function countDiffering(database: Database, rules: DossierRules, calendars: Calendars, isWanted: () => boolean = () => true): Promise<Recomputed | null> {
  const sum: Recomputed = { behind: 0, differing: 0, outcomes: 0, unprovable: 0, examples: [] };
  for (let after = ''; isWanted();) {
    const { found, unprovable, last } = await pageOf(database, after, calendars);
    take(sum, found, unprovable, rules);
    if (last === null) return sum;
    after = last;
  }
  return null;
}

/** Moves them. What a page has done stays done when the next one fails; to begin again goes on where it stopped. */
export async function recomputeDeadlines(database: Database, rules: DossierRules, { actor, at, check }: { actor: string; at: Date; check: boolean }): Promise<Recomputed> {
  const calendars = await openCalendars(database, rules, at);
  if (check) return await countDiffering(database, rules, calendars) ?? { behind: 0, differing: 0, outcomes: 0, unprovable: 0, examples: [] };
  const sum: Recomputed = { behind: 0, differing: 0, outcomes: 0, unprovable: 0, examples: [] };
  for (let after = ''; ;) {
    const last = await database.transaction(async (connection) => {
      await aloneWith(connection, 'dossiers');
      const page = await pageOf(connection, after, calendars);
      if (page.found.length > 0) await keep(connection, page.found, calendars.current, rules, at);
      take(sum, page.found, page.unprovable, rules);
      return page.last;
    });
    if (last === null) break;
    after = last;
  }
  await database.transaction(async (connection) => {
    const notice = await readSetting<CalendarNotice>(connection, NOTICE);
    await writeSetting(connection, NOTICE, {
      calendar: calendars.current, changedAt: notice?.changedAt ?? at.toISOString(), previous: notice?.previous ?? null, behind: sum.unprovable, differing: 0, unprovable: sum.unprovable, checkedAt: at.toISOString(),
      corrected: { at: at.toISOString(), dossiers: sum.differing },
    } satisfies CalendarNotice);
    await appendAudit(connection, { actor, action: 'deadlines.recompute', detail: { calendar: calendars.current, reckonedAgain: sum.behind, moved: sum.differing, otherOutcome: sum.outcomes, unprovable: sum.unprovable } }, at);
  });
  return sum;
}

/** At start: whether the calendar is another than at the last one, and in the background how many deadlines it would move. */
import type { Logger } from 'pino';
import type { Database } from '../database/pool.ts';
import type { DossierRules } from '../ingest/postDossiers.ts';
import { readSetting, writeSetting } from '../settings.ts';
import type { Calendars } from './calendars.ts';
import { countDiffering, NOTICE, type CalendarNotice } from './recompute.ts';

export interface CalendarWatch { stop(): Promise<void> }

export async function watchCalendar({ database, rules, calendars, log, now }: { database: Database; rules: DossierRules; calendars: Calendars; log: Logger; now: () => Date }): Promise<CalendarWatch> {
  const known = await readSetting<CalendarNotice>(database, NOTICE);
  const fresh = { behind: null, differing: null, unprovable: null, checkedAt: null };
  let notice: CalendarNotice = known?.calendar === calendars.current ? known : { ...fresh, calendar: calendars.current, changedAt: now().toISOString(), previous: known?.calendar ?? null, corrected: known?.corrected ?? null };
  if (notice !== known) await writeSetting(database, NOTICE, notice);
  if (notice.previous !== null && notice !== known) log.warn({ event: 'calendar_changed', from: notice.previous, to: calendars.current }, 'working hours, special days or working days of procedures were changed; deadlines stay as they were counted');
  let wanted = true;
  const count = async () => {
    const found = await countDiffering(database, rules, calendars, () => wanted);
    if (found === null) return;
    notice = { ...notice, behind: found.behind, differing: found.differing, unprovable: found.unprovable, checkedAt: now().toISOString() };
    // Who recomputed meanwhile knows better.
    await database.query('UPDATE settings SET value = $2, changed_at = now() WHERE name = $1 AND value->\'differing\' = \'null\'', [NOTICE, JSON.stringify(notice)]);
    if (found.differing > 0) log.warn({ event: 'deadlines_differ', dossiers: found.differing, outcomes: found.outcomes }, 'by the changed calendar these dossiers have another deadline; npm run admin -- recompute-deadlines moves them and keeps both');
  };
  const running = notice.differing === null ? count().catch((error: unknown) => { if (wanted) log.warn({ event: 'deadlines_not_counted', err: error }); }) : Promise.resolve();
  return { async stop() { wanted = false; await running; } };
}

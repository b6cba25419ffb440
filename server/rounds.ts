/** The background rounds of the centre: what is refreshed when, and how often. */
import type { Logger } from 'pino';
import type { Config } from '#config/schema.ts';
import { addWorking, isWorking } from '#analytics/time/workingCalendar.ts';
import { dayOf, HOUR, type Zone } from '#analytics/time/localDay.ts';
import type { DeskRow } from '#contract/live.ts';
import { CAMERA_STATES } from '#contract/vocabulary.ts';
import { keepExperience } from './alerts/apologies.ts';
import { NO_PICTURE_RULES } from './alerts/pictures.ts';
import { evaluateAlerts, type RuleSettings } from './alerts/evaluate.ts';
import { livingAlerts } from './alerts/alertRows.ts';
import { NO_SECURITY_RULES } from './alerts/security.ts';
import type { AuditKeeper } from './audit/check.ts';
import { dropPastNonces } from './ingest/signed.ts';
import type { Sessions } from './access/session.ts';
import { cameraRowOf, readCameras } from './cameras/cameraRows.ts';
import { dropPastMinutes } from './cameras/minutes.ts';
import { keepOutages } from './cameras/outages.ts';
import { keepUptime } from './cameras/uptime.ts';
import type { MediaProxy } from './cameras/mediaProxy.ts';
import type { Nodes } from './cameras/nodes.ts';
import { GRACE, moveFromAway } from './cameras/placement.ts';
import { thinScoreRuns } from './scores/retention.ts';
import type { Scores } from './scores/scores.ts';
import { dropPastSnapshots } from './shifts/snapshots.ts';
import type { Rhythms } from './coverage/rhythms.ts';
import type { Database } from './database/pool.ts';
import { dropPastEvents } from './database/retention.ts';
import type { ClipJobs } from './clips/jobs.ts';
import type { Forecasts } from './forecast/forecasts.ts';
import type { Metrics } from './http/metrics.ts';
import { coalesce } from './live/coalesce.ts';
import type { ImportJobs } from './ingest/importJobs.ts';
import type { Hub } from './live/hub.ts';
import type { LiveStateKeeper } from './live/state.ts';
import type { Units } from './units/tree.ts';
import type { Wall } from './wall/wall.ts';

/** How long changes are gathered before they are pushed. */
export const WINDOW = 200;
const TOTALS_EVERY = 900;

export interface RoundParts {
  database: Database; config: Config; units: Units; nodes: Nodes; live: LiveStateKeeper; rhythms: Rhythms; forecasts: Forecasts; scores: Scores; hub: Hub; proxy: MediaProxy; sessions: Sessions; wall: Wall; metrics: Metrics; clips: ClipJobs; imports: ImportJobs; keeper: AuditKeeper;
  now: () => Date; log: Logger; soonUntil: (at: Date) => Date; zone: Zone; mediaRestarts: () => number;
}
export interface Rounds { first(): Promise<void>; unitsChanged(kind: string, units: ReadonlySet<string>): void; alertsChanged(): void; camerasChanged(): void; wallChanged(): void; stop(): Promise<void> }

export function rulesFrom(config: Config, zone: Zone): RuleSettings {
  const rules: RuleSettings = { dossier_overdue: null, dossier_due_soon: null, apology_due: null, late_without_apology: null, apology_after_deadline: null, second_reappointment: null, queue_long: null, camera_away: null, unit_silent: null, day_mismatch: null, ...NO_PICTURE_RULES, disk_low: null, disk_critical: null, disk_fault: null, recording_shortened: null, ...NO_SECURITY_RULES };
  for (const rule of config.alerts) {
    if (!rule.enabled) continue;
    if (rule.rule === 'counter_unattended') { rules.counter_unattended = rule; continue; }
    if (rule.rule === 'waiting_crowd') { rules.waiting_crowd = rule; continue; }
    if ('workingTimeOnly' in rule) { rules[rule.rule] = { severity: rule.severity, workingTimeOnly: rule.workingTimeOnly }; continue; }
    if (rule.rule === 'dossier_overdue') rules.dossier_overdue = { severity: rule.severity, maxAgeDays: rule.maxAgeDays };
    else if (rule.rule === 'dossier_due_soon') rules.dossier_due_soon = { severity: rule.severity, soonUntil: (at) => new Date(addWorking(config.calendar, zone, null, at.getTime(), rule.workingHours * HOUR)) };
    else if (rule.rule === 'apology_due') rules.apology_due = { severity: rule.severity, soonUntil: (at) => new Date(addWorking(config.calendar, zone, null, at.getTime(), rule.workingHours * HOUR)), leadDays: rule.workingHours / 8, lateShare: rule.lateShare, minimum: rule.minimum };
    else if (rule.rule === 'late_without_apology') rules.late_without_apology = rule;
    else if (rule.rule === 'apology_after_deadline') rules.apology_after_deadline = rule;
    else if (rule.rule === 'second_reappointment') rules.second_reappointment = rule;
    else if (rule.rule === 'queue_long') rules.queue_long = { severity: rule.severity, openSeconds: rule.longestWaitMinutes * 60, clearSeconds: rule.clearWaitMinutes * 60, waiting: rule.waiting };
    else if (rule.rule === 'camera_away') rules.camera_away = { severity: rule.severity, patienceSeconds: rule.patienceSeconds };
    else if (rule.rule === 'day_mismatch') rules.day_mismatch = { severity: rule.severity, maxAgeDays: rule.maxAgeDays };
    else if (rule.rule === 'disk_low') rules.disk_low = rule;
    else if (rule.rule === 'disk_critical') rules.disk_critical = rule;
    else if (rule.rule === 'disk_fault') rules.disk_fault = rule;
    else if (rule.rule === 'bulk_viewing') rules.bulk_viewing = rule;
    else if (rule.rule === 'break_glass') rules.break_glass = rule;
    else if (rule.rule === 'recording_shortened') rules.recording_shortened = { severity: rule.severity, hours: rule.hours, promisedDays: (position) => config.centre.recordingKeep[position].days ?? config.centre.retentionDays };
    else rules.unit_silent = { severity: rule.severity };
  }
  return rules;
}

export function startRounds({ database, config, units, nodes, live, rhythms, forecasts, scores, hub, proxy, sessions, wall, metrics, clips, imports, keeper, now, log, zone, mediaRestarts }: RoundParts): Rounds {
  const all = () => units.rows.map((unit) => unit.code);
  const rules = rulesFrom(config, zone);
  const experienceOf = keepExperience(database);
  const uptime = keepUptime(database, zone, config.centre.picture.uptime);
  const outages = keepOutages(database, { minutes: config.centre.cameraOutageMinutes });
  const startedAt = now().getTime();
  const running = new Set<Promise<void>>();
  const timers = new Map<string, NodeJS.Timeout>();
  let lastTotals = 0;
  let stopped = false;

  const timed = async (round: string, work: () => Promise<void>) => {
    const end = metrics.roundSeconds.startTimer({ round });
    try { await work(); } finally { end(); }
  };
  const publish = () => { const at = now(); hub.publish(live.state, at); metrics.spoken.set(at.getTime() / 1000); metrics.screens.set(hub.connections()); metrics.watches.set(hub.channels()); };

  async function cameras(): Promise<void> {
    const rows = (await readCameras(database, units.history.codes)).map((record) => cameraRowOf(record, nodes, units, false));
    live.putCameras(Object.fromEntries(rows.map((row) => [row.id, row])));
    for (const state of CAMERA_STATES) metrics.cameras.set({ state }, rows.filter((row) => row.state === state).length);
    metrics.nodeRestarts.set(mediaRestarts());
    await uptime.note(rows, now());
    await outages.note(rows, now());
  }
  const disks = () => nodes.all().map(({ id, report: { disk, storage } }) => ({ node: id, unit: config.centre.rootUnit, freeShare: disk === null || disk.totalBytes === 0 ? null : disk.freeBytes / disk.totalBytes, state: storage?.state ?? null }));
  async function alerts(evaluate: boolean): Promise<void> {
    if (evaluate) {
      await evaluateAlerts(database, rules, {
        at: now(), rootUnit: config.centre.rootUnit, today: dayOf(now().getTime(), zone), silences: Object.entries(live.state.kpis).flatMap(([key, row]) => (key.startsWith('desk:') ? rhythms.silence(row as DeskRow, now()) ?? [] : [])),
        queues: Object.values(live.state.queue), cameras: Object.values(live.state.cameras), disks: disks(), camerasKnown: now().getTime() - startedAt > 20_000, experienceOf,
        pictures: { everyMinutes: config.centre.picture.everyMinutes, zone: zone.name, isWorking: (unit, at) => isWorking(config.calendar, zone, unit, at.getTime()) },
      });
    }
    const { rows, counts: byUnit } = await livingAlerts(database, units);
    live.putAlerts(rows, byUnit);
    await wall.alerts(rows);
    const counts = new Map<string, number>();
    for (const { byRule } of byUnit.values()) for (const [rule, count] of Object.entries(byRule)) counts.set(rule, (counts.get(rule) ?? 0) + count);
    metrics.livingAlerts.reset();
    for (const [rule, count] of counts) metrics.livingAlerts.set({ rule }, count);
  }
  async function revokeEnded(): Promise<void> {
    const connected = [...new Set([...hub.connectedSessions(), ...proxy.sessionsViewing()])];
    if (connected.length === 0) return;
    await sessions.touch(connected);
    const living = new Set([...await sessions.living(connected), ...wall.screens.living(connected)]);
    hub.disconnectExcept(living);
    proxy.endExcept(living);
  }

  /** A total costs more than a desk: at most once a second; what comes sooner is made up for when the second is over. */
  async function totals(): Promise<void> {
    const wait = lastTotals + TOTALS_EVERY - now().getTime();
    if (wait > 0 && wait <= TOTALS_EVERY) { if (!timers.has('totals')) timers.set('totals', setTimeout(() => { timers.delete('totals'); touched.touch(['@totals']); }, wait)); return; }
    lastTotals = now().getTime();
    await live.refreshTotals(hub.watchedTotals(), false);
  }

  const touched = coalesce<string>(WINDOW, async (what) => {
    await timed('touched', async () => {
      const desks = [...what].filter((one) => !one.startsWith('@'));
      if (what.has('@cameras')) await cameras();
      if (what.has('@alerts')) await alerts(false);
      if (what.has('@wall')) await wall.refresh();
      if (desks.length > 0) await live.refreshDesks(desks);
      if (desks.length > 0 || what.has('@totals')) await totals();
      publish();
    });
  }, failed('touched'));

  function failed(round: string) {
    // The database may be away for a while: the last picture stays, with its age; a line a round says so.
    return (error: unknown) => { if (!stopped) log.warn({ event: 'round_failed', round, error: error instanceof Error ? error.message : String(error) }); };
  }
  /** One round at a time; the next begins `every` ms after the end of the last. */
  function repeat(round: string, every: number, work: () => Promise<void>): void {
    const tick = () => {
      const run = timed(round, work).catch(failed(round)).finally(() => { running.delete(run); if (!stopped) timers.set(round, setTimeout(tick, every)); });
      running.add(run);
    };
    timers.set(round, setTimeout(tick, every));
  }

  return {
    async first() {
      await rhythms.refresh();
      await live.refreshDesks(all());
      await cameras();
      await alerts(false);
      await wall.refresh();
      repeat('wall', 1_000, () => wall.tick());
      repeat('screen-reports', 3_600_000, () => wall.hourly());
      repeat('clock', 10_000, async () => { await live.refreshDesks(all()); await live.refreshTotals(hub.watchedTotals(), true); publish(); });
      repeat('alerts', 5_000, async () => { await alerts(true); publish(); });
      repeat('cameras', 2_000, cameras);
      repeat('nodes', 2_000, async () => { if (now().getTime() - startedAt > GRACE && await moveFromAway(database, now(), log) > 0) touched.touch(['@cameras']); });
      repeat('rights', 2_000, revokeEnded);
      repeat('rhythms', 300_000, () => rhythms.refresh());
      repeat('scores', 1_800_000, async () => { await scores.keep(); await thinScoreRuns(database, zone, now()); });
      repeat('forecasts', 60_000, () => forecasts.refresh());
      repeat('clips', 60_000, () => clips.expire());
      repeat('imports', 60_000, () => imports.expire());
      await keeper.anchor().catch(failed('audit-anchor'));
      repeat('audit-anchor', 3_600_000, () => keeper.anchor());
      repeat('nonces', 600_000, () => dropPastNonces(database, now()));
      repeat('shift-snapshots', 3_600_000, async () => { await dropPastSnapshots(database, config.centre.shiftLog.snapshotDays, now()); });
      repeat('camera-minutes', 3_600_000, async () => { await dropPastMinutes(database, config.centre.picture.keepDays, now(), () => !stopped); });
      if (config.centre.eventRetentionMonths !== null) repeat('retention', 3_600_000, async () => { const done = await dropPastEvents(database, { months: config.centre.eventRetentionMonths, zone, at: now(), isWanted: () => !stopped }); log.debug({ event: 'retention', ...done }); });
      repeat('heartbeat', 500, async () => { await database.query('SELECT 1'); publish(); });
    },
    unitsChanged(_kind, changed) { touched.touch(changed); },
    alertsChanged() { touched.touch(['@alerts']); },
    camerasChanged() { touched.touch(['@cameras']); },
    wallChanged() { touched.touch(['@wall']); },
    async stop() {
      stopped = true;
      touched.stop();
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.allSettled([...running]);
    },
  };
}

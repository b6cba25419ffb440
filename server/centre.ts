/** The centre: read `startCentre` to see it start, and what it returns to see it stop. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { ClockRules } from '#analytics/dossier/fold.ts';
import { dayOf, zoneOf, HOUR } from '#analytics/time/localDay.ts';
import { addWorking } from '#analytics/time/workingCalendar.ts';
import type { Config } from '#config/schema.ts';
import { Fault } from '#contract/faults.ts';
import { accessRoutes } from './access/routes.ts';
import { makeFirstAccounts, type FirstAccount } from './access/firstAccounts.ts';
import { openSeal } from './access/seal.ts';
import { openSessions } from './access/session.ts';
import { alertRoutes } from './alerts/routes.ts';
import { cameraRoutes } from './cameras/routes.ts';
import { mediaProxy } from './cameras/mediaProxy.ts';
import { startMediaNode, type MediaNodeProcess } from './cameras/mediaNode.ts';
import { openNodes } from './cameras/nodes.ts';
import { coverageRoutes } from './coverage/routes.ts';
import { keepRhythms, silenceLimitsOf, type Rhythms } from './coverage/rhythms.ts';
import { startEmbedded, type Embedded } from './database/embedded.ts';
import { makeHypertables, SAFE_BYTES } from './database/eventTables.ts';
import { migrate, prepare, type Edition } from './database/migrate.ts';
import { openPool, type Database } from './database/pool.ts';
import { clockFrom, contentOf, openCalendars } from './deadlines/calendars.ts';
import { watchCalendar } from './deadlines/notice.ts';
import { openForecasts, type Forecasts } from './forecast/forecasts.ts';
import { forecastRoutes } from './forecast/routes.ts';
import { publicRoutes } from './figures/publicFigures.ts';
import { figureRoutes } from './figures/routes.ts';
import type { FigureParts } from './figures/getKpis.ts';
import { makeApp } from './http/app.ts';
import { openMetrics } from './http/metrics.ts';
import { EVERYWHERE, type Route } from './http/route.ts';
import { importRoutes } from './ingest/importRoutes.ts';
import { indicatorRoutes } from './indicators/routes.ts';
import type { IndicatorParts } from './indicators/basis.ts';
import { scoreRoutes } from './scores/routes.ts';
import { openScores, type Scores } from './scores/scores.ts';
import { loadProcedures } from './units/procedures.ts';
import { ingestRoutes } from './ingest/routes.ts';
import type { DossierRules } from './ingest/postDossiers.ts';
import { openSources } from './ingest/source.ts';
import { openHub } from './live/hub.ts';
import { keepLiveState } from './live/state.ts';
import { recordingRoutes } from './recordings/routes.ts';
import { startRounds } from './rounds.ts';
import { isSimulationWanted, NO_SIMULATION, prepareSimulation, startSimulation } from './simulation.ts';
import { systemRoutes } from './system.ts';
import { openWall } from './wall/wall.ts';
import { placeAsked } from './units/asked.ts';
import { historyOf, loadUnits } from './units/tree.ts';

export interface CentreSettings { config: Config; log: Logger; version: string; searchPath: string; runsFromSource: boolean; now: () => Date; /** False in tests that need no pictures. */ withMedia: boolean }
export interface Centre {
  url: string; database: Database; databaseUrl: string; edition: Edition; accounts: FirstAccount[]; demo: boolean; routes: readonly Route[]; rules: DossierRules; rhythms: Rhythms; scores: Scores; forecasts: Forecasts; mediaPid: () => number | null;
  stop(): Promise<void>;
}

/** The clock rules of a configuration. */
export function rulesOf(config: Config): DossierRules {
  const zone = zoneOf(config.centre.zone);
  const procedures = new Set(config.procedures.map((procedure) => procedure.code));
  const content = contentOf(config);
  const history = historyOf(config.units, config.successors);
  const goesOn: ClockRules['goesOn'] = (held, named) => {
    const day = dayOf(named.at, zone);
    const before = history.owner(held.unit, dayOf(held.at, zone));
    return before !== null && history.principal(before, day) === history.owner(named.unit, day);
  };
  return {
    zone, knownProcedure: (code) => procedures.has(code), ...(history.dated ? { holders: history.holders } : {}),
    content, clock: clockFrom(content, zone, history.dated ? goesOn : undefined),
  };
}

export async function startCentre({ config, log, version, searchPath, runsFromSource, now, withMedia }: CentreSettings): Promise<Centre> {
  const { centre } = config;
  const stack: (() => Promise<void> | void)[] = [];
  const unwind = async () => { for (const stop of stack.reverse()) await Promise.resolve(stop()).catch((error: unknown) => { log.error({ event: 'stop_failed', err: error }); }); };
  const startedAt = now();
  try {
    await mkdir(centre.dataDir, { recursive: true, mode: 0o750 });
    const embedded: Embedded | null = centre.databaseUrl === null ? await startEmbedded({ dataDir: centre.dataDir, searchPath, log }) : null;
    if (embedded) stack.push(() => embedded.stop());
    const databaseUrl = embedded?.url ?? centre.databaseUrl ?? '';
    const edition = await prepare(databaseUrl, (text) => { log.warn({ event: 'timescaledb', text }); });
    await migrate(databaseUrl, (text) => { log.warn({ event: 'migration', text }); });
    const tables = await makeHypertables(databaseUrl, SAFE_BYTES);
    if (tables.made.length > 0) log.info({ event: 'hypertables_made', tables: tables.made, bytes: tables.bytes });
    if (tables.left.length > 0) log.warn({ event: 'hypertables_left', tables: tables.left, bytes: tables.bytes }, 'too large to be made hypertables while everybody waits; stop the centre and run: npm run admin -- make-hypertables');
    const database = openPool(databaseUrl, (error) => { log.warn({ event: 'database_connection_lost', error: error.message }); });
    stack.push(() => database.end());

    const rules = rulesOf(config);
    const { zone } = rules;
    const calendars = await openCalendars(database, rules, now());
    const units = await loadUnits(database, config.units, config.successors, () => dayOf(now().getTime(), zone));
    await loadProcedures(database, config.procedures);
    const sources = openSources(database, units);
    const seal = await openSeal(centre.dataDir);
    const sessions = openSessions({ database, units, hours: centre.sessionHours, now });
    const isNew = (await database.query('SELECT 1 FROM users LIMIT 1')).rowCount === 0;
    const demo = await isSimulationWanted(database, config, isNew);
    const accounts = await makeFirstAccounts(database, { rootUnit: centre.rootUnit, adminPassword: centre.adminPassword, demo });
    const nodes = openNodes({ database, seal, now, orders: { cameraNetworks: centre.cameraNetworks, retentionDays: centre.retentionDays, zone: centre.zone }, unitName: (code) => units.nameOf(code), changed: () => { rounds.camerasChanged(); } });
    const nodeSecret = await nodes.ensure('local');
    if (demo) await prepareSimulation(database, config, seal, now());

    const procedureNames = new Map(config.procedures.map((procedure) => [procedure.code, procedure.name]));
    const figures: FigureParts = {
      database, units, zone, procedureName: (code) => procedureNames.get(code) ?? null,
      soonUntil: (at) => new Date(addWorking(config.calendar, zone, null, at.getTime(), centre.dueSoonWorkingHours * HOUR)),
    };
    const rhythms = keepRhythms({ database, calendar: config.calendar, zone, now, limits: silenceLimitsOf(config) });
    const forecasts = openForecasts({ database, units, calendar: config.calendar, zone, now });
    const live = keepLiveState({ figures, calendar: config.calendar, zone, now, rhythms, expectedWait: (unit) => forecasts.expectedWait(unit) });
    const indicators: IndicatorParts = { ...figures, procedures: config.procedures, cameras: () => Object.values(live.state.cameras) };
    const scores = openScores({ ...indicators, sets: config.scoring, targets: config.targets, now });
    const metrics = openMetrics();
    const wall = await openWall({ database, figures, builtIn: config.scenes, shows: config.alertShows, zone: centre.zone, now, log, live, connectedSessions: () => hub.connectedSessions(), changed: () => { rounds.wallChanged(); } });
    const screenOf = (cookie: string | undefined) => wall.screens.fromCookie(cookie);
    const proxy = mediaProxy({ nodes, sessions, screenOf });
    let simulation = NO_SIMULATION;
    let media: MediaNodeProcess | null = null as MediaNodeProcess | null;
    let ready = false;

    const routes: Route[] = [
      ...accessRoutes({ database, units, sessions, now, zone: centre.zone, isSimulated: () => live.isSimulated() }),
      ...figureRoutes(figures, { targets: config.targets, procedures: config.procedures, now }),
      ...indicatorRoutes(indicators, { indicators: config.indicators, targets: config.targets, now }),
      ...scoreRoutes(scores, { sets: config.scoring, now, database }),
      ...ingestRoutes({ database, units, zone, now, changed: (kind, touched) => { rounds.unitsChanged(kind, touched); } }, { ...rules, calendars }, (kind, outcome, count) => { metrics.ingested.inc({ kind, outcome }, count); }),
      ...importRoutes({ units, procedures: config.procedures, zone: centre.zone, now, runsFromSource }),
      ...forecastRoutes({ forecasts, units, now }),
      ...coverageRoutes({ database, units, zone, rhythms, now }),
      ...alertRoutes({ database, units, now, changed: () => { rounds.alertsChanged(); } }),
      ...cameraRoutes({ database, units, nodes, seal, now, cameraNetworks: centre.cameraNetworks, rootUnit: centre.rootUnit, changed: () => { rounds.camerasChanged(); } }),
      ...recordingRoutes({ database, nodes, now }),
      ...wall.routes,
      ...publicRoutes({ figures, settings: config.published, targets: config.targets, rootUnit: centre.rootUnit, name: centre.publicName, zone: centre.zone, now }),
      ...systemRoutes({ database, edition, embedded: embedded !== null, nodes, version, startedAt, retentionMonths: centre.eventRetentionMonths, demo: () => simulation.status() }),
    ];
    const sameOrigin = (origin: string | undefined, host: string | undefined) => {
      if (origin === undefined) return true;
      try { return new URL(origin).host === host; } catch { return false; }
    };
    const app = makeApp({
      log, metrics, routes, version, trustProxy: centre.trustProxy, media: proxy.http,
      notReady: async () => {
        if (!ready) return 'starting';
        return await database.query('SELECT 1').then(() => null, () => 'the database is away');
      },
      gate: {
        sessionOf: (request) => sessions.require(request), screenOf: (request) => wall.screens.require(request), rootUnit: centre.rootUnit,
        ownOrigin: (request) => sameOrigin(request.headers.origin, request.headers.host),
        async admitSource(kind, request, response) {
          if (kind === 'key') response.locals.source = await sources.of(request, now());
          else if (!/^Bearer [\w-]{20,100}$/.test(request.headers.authorization ?? '')) throw new Fault('unauthenticated');
        },
        async unitOf(kind, id, query) {
          if (kind === 'unit') return placeAsked(units, id, query);
          if (kind === 'wallScreen') return wall.screens.unitOf(id);
          if (kind === 'scene') { const unit = await wall.scenes.unitOf(id); return unit === undefined ? EVERYWHERE : unit; }
          if (kind === 'alert' && !/^\d{1,15}$/.test(id)) return null;
          const table = kind === 'camera' ? 'cameras' : 'alerts';
          return (await database.query<{ unit: string }>(`SELECT unit FROM ${table} WHERE id = $1`, [id])).rows[0]?.unit ?? null;
        },
      },
    });
    const server = createServer({ requestTimeout: 120_000, headersTimeout: 15_000 }, app);
    const hub = openHub({
      server, sessions, screenOf, log, now, zone: centre.zone, units, allows: sameOrigin, state: () => live.state, urgency: () => live.urgency(), isSimulated: () => live.isSimulated(),
      prepareTotals: async (wanted) => { const missing = wanted.filter((unit) => live.state.kpis[`total:${unit}`] === undefined); if (missing.length > 0) await live.refreshTotals(missing, true); },
    });
    server.on('upgrade', (request, socket, head) => { if (!proxy.upgrade(request, socket, head) && !(request.url ?? '').startsWith('/live')) socket.destroy(); });
    const rounds = startRounds({ database, config, units, nodes, live, rhythms, forecasts, scores, hub, proxy, sessions, wall, metrics, now, log, soonUntil: figures.soonUntil, zone, mediaRestarts: () => media?.restarts() ?? 0 });
    stack.push(() => rounds.stop());
    await rounds.first();

    await new Promise<void>((resolve, reject) => { server.once('error', reject); server.listen(centre.port, centre.host, resolve); });
    stack.push(async () => { proxy.closeAll(); await hub.close(); server.closeAllConnections(); });
    const address = server.address() as AddressInfo;
    const reach = address.address === '0.0.0.0' || address.address === '::' ? '127.0.0.1' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
    const url = `http://${reach}:${address.port}`;
    ready = true;
    const calendarWatch = await watchCalendar({ database, rules, calendars, log, now });
    stack.push(() => calendarWatch.stop());

    if (withMedia) {
      media = startMediaNode({ centreUrl: url, id: 'local', secret: nodeSecret, dataDir: centre.dataDir, searchPath, logLevel: centre.logLevel, log, runsFromSource });
      const node = media;
      stack.push(() => node.stop());
    }
    if (demo) {
      simulation = await startSimulation({ database, config, seal, baseUrl: url, now, log, progress: (row) => { live.setDemo(row.phase === 'history' ? row : null); } });
      stack.push(() => simulation.stop());
    }
    log.info({ event: 'ready', url, edition, demo, milliseconds: now().getTime() - startedAt.getTime() });
    return { url, database, databaseUrl, edition, accounts, demo, routes, rules, rhythms, forecasts, scores, mediaPid: () => media?.pid() ?? null, stop: async () => { ready = false; await unwind(); } };
  } catch (error) {
    await unwind();
    throw error;
  }
}

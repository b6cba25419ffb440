/** The centre: read `startCentre` to see it start, and what it returns to see it stop. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ClockRules } from '#analytics/dossier/fold.ts';
import { dayOf, zoneOf, HOUR } from '#analytics/time/localDay.ts';
import { addWorking } from '#analytics/time/workingCalendar.ts';
import { reportKinds } from '#config/reportRange.ts';
import type { Config } from '#config/schema.ts';
import { Fault } from '#contract/faults.ts';
import { accessRoutes } from './access/routes.ts';
import { makeFirstAccounts, type FirstAccount } from './access/firstAccounts.ts';
import { openIssuer, tellOf } from './access/issuer.ts';
import { followList } from './access/oidcAccounts.ts';
import { openSeal } from './access/seal.ts';
import { openSessions } from './access/session.ts';
import { keepAudit } from './audit/check.ts';
import { registerRoutes } from './audit/register.ts';
import { auditRoutes } from './audit/routes.ts';
import { keepAllowance } from './http/allowance.ts';
import { keepLooks } from './recordings/looks.ts';
import { alertRoutes } from './alerts/routes.ts';
import { pictureRoutes } from './cameras/pictureRoutes.ts';
import { maskRoutes } from './cameras/maskRoutes.ts';
import { cameraRoutes } from './cameras/routes.ts';
import { cameraFigureRoutes, expectedUnits } from './cameras/figureRoutes.ts';
import { importCameraRoutes } from './cameras/importCameraRoutes.ts';
import { discoverRoutes } from './cameras/discoverRoutes.ts';
import { cameraTestRoutes } from './cameras/testRoutes.ts';
import { openLeases } from './cameras/leases.ts';
import { snapshotRoutes } from './cameras/snapshotRoute.ts';
import { uplinkRoutes } from './cameras/uplinkRoutes.ts';
import { openUplinks } from './cameras/uplinks.ts';
import { mediaProxy } from './cameras/mediaProxy.ts';
import { startMediaNode, type MediaNodeProcess } from './cameras/mediaNode.ts';
import { nodeRoutes } from './cameras/nodeRoutes.ts';
import { openNodes } from './cameras/nodes.ts';
import { recordingRules } from './cameras/recordingRules.ts';
import { openClipJobs } from './clips/jobs.ts';
import { clipRoutes } from './clips/routes.ts';
import { openSigningKey } from './clips/signingKey.ts';
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
import { importJobRoutes } from './ingest/importJobRoutes.ts';
import { openImportJobs } from './ingest/importJobs.ts';
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
import { openTileFile, type TileFile } from './map/pmtiles.ts';
import { mapRoutes } from './map/routes.ts';
import { holdRoutes } from './recordings/holds.ts';
import { searchRoutes } from './search/routes.ts';
import { shiftRoutes } from './shifts/routes.ts';
import { storageRoutes } from './recordings/storage.ts';
import { recordingRoutes } from './recordings/routes.ts';
import { startRounds } from './rounds.ts';
import { isSimulationWanted, NO_SIMULATION, prepareSimulation, startSimulation } from './simulation.ts';
import { systemRoutes } from './system.ts';
import { openWall } from './wall/wall.ts';
import { placeAsked } from './units/asked.ts';
import { historyOf, loadUnits } from './units/tree.ts';

export interface CentreSettings { config: Config; log: Logger; version: string; searchPath: string; runsFromSource: boolean; now: () => Date; /** False in tests that need no pictures. */ withMedia: boolean; /** DETECTOR_… of the environment, for the node of this machine. */ detector?: Record<string, string> }
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

export async function startCentre({ config, log, version, searchPath, runsFromSource, now, withMedia, detector = {} }: CentreSettings): Promise<Centre> {
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
    const seal = await openSeal(centre.dataDir);
    const sources = openSources(database, units, seal);
    const sessions = openSessions({ database, units, hours: centre.sessionHours, idleMinutes: centre.sessionIdleMinutes, factor: centre.secondFactor, now });
    const issuerOf = config.oidc;
    const oidc = issuerOf === null ? null : { settings: issuerOf, issuer: openIssuer(issuerOf, `${centre.publicUrl}/api/v1/session/oidc/callback`, `${centre.publicUrl}/`), secure: centre.publicUrl?.startsWith('https:') === true, log };
    const followed = await followList(database, issuerOf, (roles) => roles.some((role) => centre.secondFactor.requiredFor.includes(role)), now());
    if (followed > 0) log.warn({ event: 'oidc_list_followed', accounts: followed });
    // That it is away is no reason not to start; that it is wrong should be seen now, not at the first sign-in.
    if (oidc) void oidc.issuer.begin().catch((error: unknown) => { log.warn({ event: 'oidc_issuer_away', issuer: issuerOf?.issuer, ...tellOf(error) }); });
    const isNew = (await database.query('SELECT 1 FROM users LIMIT 1')).rowCount === 0;
    const demo = await isSimulationWanted(database, config, isNew);
    const accounts = await makeFirstAccounts(database, { rootUnit: centre.rootUnit, adminPassword: centre.adminPassword, demo, at: now() });
    const { everyMinutes, confirm, clockSeconds } = centre.picture;
    const pictureOrders = { everyMinutes, confirm, clockSeconds };
    const recording = recordingRules(config, zone);
    const nodes = openNodes({ database, seal, now, orders: { cameraNetworks: centre.cameraNetworks, retentionDays: centre.retentionDays, transcodings: centre.transcodings, zone: centre.zone, picture: pictureOrders, recording }, unitName: (code) => units.nameOf(code), changed: () => { rounds.camerasChanged(); } });
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
    const reported = reportKinds(config.indicators, config.scoring);
    const uplinks = openUplinks({ database, defaultKbps: config.centre.uplinkKbps });
    const leases = openLeases({ nodes, place: centre.nodePlace, now: () => now().getTime() });
    const metrics = openMetrics();
    const sameOrigin = (origin: string | undefined, host: string | undefined) => {
      if (origin === undefined) return true;
      try { return new URL(origin).host === host; } catch { return false; }
    };
    const wall = await openWall({ database, figures, builtIn: config.scenes, shows: config.alertShows, zone: centre.zone, now, log, live, connectedSessions: () => hub.connectedSessions(), changed: () => { rounds.wallChanged(); } });
    const screenOf = (cookie: string | undefined) => wall.screens.fromCookie(cookie);
    const proxy = mediaProxy({ nodes, sessions, screenOf, allows: sameOrigin });
    const keeper = keepAudit({ database, dataDir: centre.dataDir, targets: centre.anchor, now });
    const looks = keepLooks({ database, now });
    const allowances = { account: keepAllowance(centre.limits.account), source: keepAllowance(centre.limits.source) };
    let simulation = NO_SIMULATION;
    let media: MediaNodeProcess | null = null as MediaNodeProcess | null;
    let ready = false;

    const clips = await openClipJobs({ database, nodes, units, key: await openSigningKey(centre.dataDir), directory: join(centre.dataDir, 'exports', 'clips'), zone: centre.zone, centreName: centre.publicName.vi, version, atOnce: centre.clips.atOnce, keepDays: centre.clips.keepDays, now, log });
    stack.push(() => clips.stop());
    const imports = await openImportJobs({ database, directory: join(centre.dataDir, 'imports'), ...centre.imports, runsFromSource, now, log });
    stack.push(() => imports.stop());
    const { pmtiles } = centre.map;
    const tiles: TileFile | null = pmtiles === null ? null : await openTileFile(pmtiles).catch((error: unknown) => { throw new Error(`config/centre.yaml map.pmtiles: ${pmtiles}: ${(error as Error).message}`); });
    if (tiles) stack.push(() => tiles.close());
    const routes: Route[] = [
      ...accessRoutes({ database, units, sessions, seal, now, zone: centre.zone, rootUnit: centre.rootUnit, isSimulated: () => live.isSimulated(), factorRule: centre.secondFactor, decisionRequired: centre.viewing.decisionRequired, oidc, changed: () => { rounds.alertsChanged(); } }),
      ...auditRoutes({ database, units, keeper }),
      ...registerRoutes({ database, units, zone: centre.zone, now }),
      ...figureRoutes(figures, { targets: config.targets, procedures: config.procedures, now }),
      ...indicatorRoutes(indicators, { indicators: config.indicators, targets: config.targets, now }),
      ...scoreRoutes(scores, { sets: config.scoring, now, database }),
      ...ingestRoutes({ database, units, zone, now, changed: (kind, touched) => { rounds.unitsChanged(kind, touched); } }, { ...rules, calendars }, reported, (kind, outcome, count) => { metrics.ingested.inc({ kind, outcome }, count); }),
      ...importRoutes({ units, procedures: config.procedures, zone: centre.zone, now, runsFromSource }),
      ...importJobRoutes({ database, jobs: () => imports }),
      ...mapRoutes({ config, file: tiles }),
      ...forecastRoutes({ forecasts, units, now }),
      ...coverageRoutes({ database, units, zone, rhythms, now }),
      ...alertRoutes({ database, units, now, changed: () => { rounds.alertsChanged(); } }),
      ...cameraFigureRoutes({ database, units, targets: config.targets, zone: centre.zone, dayZone: zone, now, cameras: () => Object.values(live.state.cameras), expected: () => expectedUnits(config, units) }),
      ...cameraRoutes({ database, units, nodes, seal, now, cameraNetworks: centre.cameraNetworks, rootUnit: centre.rootUnit, leases, uplinks, mainLeaseMinutes: centre.mainLeaseMinutes, looks, changed: () => { rounds.camerasChanged(); } }),
      ...nodeRoutes({ database, units, nodes, proxy, now, changed: () => { rounds.camerasChanged(); } }),
      ...maskRoutes({ database, now, changed: () => { rounds.camerasChanged(); } }),
      ...uplinkRoutes({ database, units, uplinks, leases, now }),
      ...snapshotRoutes({ database, nodes }),
      ...importCameraRoutes({ database, units, seal, now, cameraNetworks: centre.cameraNetworks, rootUnit: centre.rootUnit, changed: () => { rounds.camerasChanged(); } }),
      ...pictureRoutes({ database, units, nodes, now, orders: pictureOrders, changed: () => { rounds.camerasChanged(); } }),
      ...discoverRoutes({ database, nodes, units, now }),
      ...cameraTestRoutes({ database, nodes, seal, now, cameraNetworks: centre.cameraNetworks, uplinkOf: async (unit) => (await uplinks.of(unit)).kbps }),
      ...recordingRoutes({ database, nodes, now, looks }),
      ...storageRoutes({ database, units, nodes, rules: recording, retentionDays: centre.retentionDays, now }),
      ...clipRoutes({ database, jobs: () => clips, limits: centre.clips, now }),
      ...holdRoutes({ database, units, nodes, now }),
      ...wall.routes,
      ...searchRoutes({ database, units, contacts: config.contacts, now }),
      ...shiftRoutes({ database, units, nodes, cameras: () => Object.values(live.state.cameras), isSimulated: () => live.isSimulated(), zone: centre.zone, rules: centre.shiftLog, now }),
      ...publicRoutes({ figures, settings: config.published, targets: config.targets, rootUnit: centre.rootUnit, name: centre.publicName, zone: centre.zone, now }),
      ...systemRoutes({ database, edition, embedded: embedded !== null, nodes, version, startedAt, reported, retentionMonths: centre.eventRetentionMonths, demo: () => simulation.status() }),
    ];
    const app = makeApp({
      log, metrics, routes, version, trustProxy: centre.trustProxy, media: proxy.http, pictureOrigins: centre.map.tiles === null ? [] : [new URL(centre.map.tiles).origin],
      notReady: async () => {
        if (!ready) return 'starting';
        return await database.query('SELECT 1').then(() => null, () => 'the database is away');
      },
      gate: {
        sessionOf: (request, wanted) => sessions.require(request, wanted), screenOf: (request) => wall.screens.require(request), rootUnit: centre.rootUnit,
        ownOrigin: (request) => sameOrigin(request.headers.origin, request.headers.host),
        spend(who, cost) { if ('account' in who) allowances.account.spend(who.account, cost); else allowances.source.spend(who.source, cost); },
        async admitSource(kind, request, response) {
          if (kind === 'key') {
            const { source, checkBody } = await sources.of(request, now());
            response.locals.source = source;
            response.locals.checkBody = checkBody;
            allowances.source.spend(source.id, 1);
          }
          else if (!/^Bearer [\w-]{20,100}$/.test(request.headers.authorization ?? '')) throw new Fault('unauthenticated');
        },
        async unitOf(kind, id, query) {
          if (kind === 'unit') return placeAsked(units, id, query);
          if (kind === 'wallScreen') return wall.screens.unitOf(id);
          if (kind === 'scene') { const unit = await wall.scenes.unitOf(id); return unit === undefined ? EVERYWHERE : unit; }
          if ((kind === 'alert' || kind === 'hold' || kind === 'shift') && !/^\d{1,15}$/.test(id)) return null;
          const table = { camera: 'cameras', hold: 'holds', alert: 'alerts', shift: 'shifts', shiftSnapshot: 'shift_snapshots' }[kind];
          return (await database.query<{ unit: string }>(`SELECT unit FROM ${table} WHERE id = $1`, [id])).rows[0]?.unit ?? null;
        },
      },
    });
    const server = createServer({ requestTimeout: 120_000, headersTimeout: 15_000 }, app);
    const hub = openHub({
      server, sessions, screenOf, log, now, zone: centre.zone, units, allows: sameOrigin, state: () => live.state, urgency: () => live.urgency(), isSimulated: () => live.isSimulated(),
      prepareTotals: async (wanted) => { const missing = wanted.filter((unit) => live.state.kpis[`total:${unit}`] === undefined); if (missing.length > 0) await live.refreshTotals(missing, true); },
    });
    // What nobody takes over is closed here: a socket that is left alone is kept for ever.
    server.on('upgrade', (request, socket, head) => { if (!proxy.upgrade(request, socket, head) && !(request.url ?? '').startsWith('/live/')) socket.destroy(); });
    const rounds = startRounds({ database, config, units, nodes, live, rhythms, forecasts, scores, hub, proxy, sessions, wall, metrics, clips, imports, keeper, now, log, soonUntil: figures.soonUntil, zone, mediaRestarts: () => media?.restarts() ?? 0 });
    stack.push(() => rounds.stop());
    await rounds.first();

    await new Promise<void>((resolve, reject) => { server.once('error', reject); server.listen(centre.port, centre.host, resolve); });
    stack.push(async () => { proxy.closeAll(); await hub.close(); server.closeAllConnections(); });
    const address = server.address() as AddressInfo;
    const reach = address.address === '0.0.0.0' || address.address === '::' ? '127.0.0.1' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
    const url = `http://${reach}:${address.port}`;
    ready = true;
    imports.begin(url);
    const calendarWatch = await watchCalendar({ database, rules, calendars, log, now });
    stack.push(() => calendarWatch.stop());

    if (withMedia) {
      media = startMediaNode({ centreUrl: url, id: 'local', secret: nodeSecret, dataDir: centre.dataDir, searchPath, logLevel: centre.logLevel, log, runsFromSource, detector });
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

/** A media node put together: what starts after what, and how it stops. `main.ts` gives it the world. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DateTime } from 'luxon';
import type { Logger } from 'pino';
import type { NodeOrders, NodeReport } from '#contract/node.ts';
import { findFfmpeg } from '../ffmpeg/binary.ts';
import { createFanOut } from '../gateway/fanOut.ts';
import { openLive } from '../gateway/live.ts';
import { serveGateway } from '../gateway/serve.ts';
import { openTicketDesk } from '../gateway/ticket.ts';
import { openThumbnails } from '../playback/thumbnail.ts';
import { openRecorder } from '../recorder/recorder.ts';
import { startRetention } from '../recorder/retention.ts';
import { SPACE_LIMITS, type SpaceLimits } from '../recorder/space.ts';
import { startRelay } from '../relay/process.ts';
import { startRtspProxy } from '../source/rtspProxy.ts';
import { openSimulated } from '../source/simulated.ts';
import { openDiscovery } from '../discovery/discover.ts';
import { openTrials } from '../trial/trial.ts';
import { keepOrders, readOrders } from './assignments.ts';
import { openCameras } from './cameras.ts';
import { openLink } from './link.ts';
import { openSeal } from './seal.ts';

export interface NodeOptions {
  centreUrl: string; node: string; secret: string; dataDir: string;
  gatewayHost: string; gatewayPort: number; gatewayUrl: string | null;
  path: string; relayEntry: string; font: string; log: Logger;
  spaceLimits?: SpaceLimits;
}
export interface MediaNode { readonly gatewayPort: number; stop(): Promise<void> }

const DEMAND_MS = 1000;
const CLOCK_MS = 1000;
const STEP_MS = 3000;
const TRIM_MS = 3_600_000;
/** A revoked ticket could still be shown until it expires. */
const REVOKED_KEPT_MS = 180_000;

export async function startNode(options: NodeOptions): Promise<MediaNode> {
  const { log, node, dataDir } = options;
  const now = Date.now;
  const startedAt = now();
  const root = join(dataDir, 'recordings', node);
  await mkdir(root, { recursive: true, mode: 0o700 });

  const binary = await findFfmpeg({ path: options.path, runDir: join(dataDir, 'run') });
  log.info({ event: 'ffmpeg_found', version: binary.version, bundled: binary.bundled });
  if (binary.warning !== null) log.warn({ event: 'ffmpeg_bundled', warning: binary.warning });
  const recorder = await openRecorder({ root, log, now });
  const relay = await startRelay({ entry: options.relayEntry, log });
  const proxy = await startRtspProxy();
  const simulated = openSimulated({ directory: join(dataDir, 'simulated'), font: options.font, binary, log });
  const seal = openSeal(options.secret);

  let orders: NodeOrders | null = null;
  let acknowledged = 0;
  const revoked = new Map<string, number>();
  const retention = startRetention({
    recorder, root, limits: options.spaceLimits ?? SPACE_LIMITS, days: () => orders?.retentionDays ?? null, now, log,
    onChange: () => cameras.renewAll(),
  });
  const fanOut = createFanOut({ door: () => relay.door(), log, now: () => performance.now() });
  const mayTranscode = (): boolean => cameras.transcoding() < (orders?.transcodings ?? 0);
  const cameras = openCameras({
    binary, proxy, recorder, simulated, log, now, random: Math.random,
    publishUrl: (stream) => relay.publishUrl(stream), bitrateKbps: (stream) => relay.bitrateKbps(stream),
    networks: () => orders?.cameraNetworks ?? [],
    zoneOffsetSeconds: () => DateTime.fromMillis(now(), { zone: orders?.zone ?? 'UTC' }).offset * 60,
    mayRecord: () => retention.state() === 'enough', mayTranscode,
  }, (camera) => fanOut.close((viewer) => viewer.camera === camera, 'camera_away'));

  const demand = (): void => cameras.demand(new Set(fanOut.wanted()));
  const live = openLive({
    tickets: openTicketDesk({ key: () => orders === null ? null : Buffer.from(orders.ticketKey, 'base64url'), now, startedAt }),
    fanOut, find: (id) => cameras.find(id), isRevoked: (ticket) => revoked.has(ticket), onWatch: demand, mayTranscode,
  });

  const report = (): NodeReport => {
    const viewers = fanOut.viewers();
    return {
      node, startedAt: new Date(startedAt).toISOString(), gateway: options.gatewayUrl ?? `http://${options.gatewayHost === '0.0.0.0' ? '127.0.0.1' : options.gatewayHost}:${gateway.port}`,
      cameras: cameras.report((camera) => viewers.filter((one) => one.camera === camera).length),
      viewers: viewers.map((one) => one.ticket), disk: retention.space(), relay: relay.report(),
      ffmpeg: { version: binary.version, bundled: binary.bundled, warning: binary.warning },
    };
  };
  const gateway = await serveGateway({
    host: options.gatewayHost, port: options.gatewayPort, secret: options.secret, log, live, recorder, thumbnails: openThumbnails(binary),
    discover: openDiscovery(() => orders?.cameraNetworks ?? []),
    trials: openTrials({ binary, proxy, directory: join(dataDir, 'run'), networks: () => orders?.cameraNetworks ?? [], now }),
    health: () => { const { viewers, ...rest } = report(); return { status: 'ok', watching: viewers.length, ...rest }; },
  });

  function take(fresh: NodeOrders): void {
    const before = orders;
    orders = fresh;
    const at = now();
    for (const ticket of fresh.revoked) revoked.set(ticket, at);
    for (const [ticket, since] of revoked) if (at - since > REVOKED_KEPT_MS) revoked.delete(ticket);
    if (revoked.size > 0) fanOut.close((viewer) => revoked.has(viewer.ticket), 'revoked');
    cameras.apply(fresh.cameras);
    // Lives that run were allowed under other networks, or carry another zone's time.
    if (before !== null && (before.zone !== fresh.zone || before.cameraNetworks.join() !== fresh.cameraNetworks.join())) cameras.renewAll();
  }
  async function obey(fresh: NodeOrders): Promise<void> {
    const known = ({ journalUpTo: _journalUpTo, revoked: _revoked, ...rest }: NodeOrders): string => JSON.stringify(rest);
    const changed = orders === null || known(orders) !== known(fresh);
    take(fresh);
    if (changed) await keepOrders(root, fresh, seal).catch((error: unknown) => log.error({ event: 'orders_not_kept', err: error }));
  }

  const kept = await readOrders(root, seal);
  if (kept !== null) take(kept);
  const link = openLink({ centreUrl: options.centreUrl, node, secret: options.secret, log, journal: recorder.journal, report, obey, onAcknowledged: (seq) => { acknowledged = seq; } });
  link.start();

  const timers = [
    setInterval(demand, DEMAND_MS),
    setInterval(clockWatch(now, () => { log.warn({ event: 'clock_stepped' }); cameras.renewAll(); }), CLOCK_MS),
    setInterval(() => {
      recorder.journal.trim(acknowledged, (entry) => entry.type === 'segment' && recorder.catalogue.has(entry.camera, entry.file))
        .catch((error: unknown) => log.error({ event: 'journal_trim_failed', err: error }));
    }, TRIM_MS),
  ];
  log.info({ event: 'node_started', node, gatewayPort: gateway.port });

  return {
    gatewayPort: gateway.port,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      retention.stop();
      fanOut.stop();
      await cameras.stop();
      await recorder.stop();
      await link.stop();
      await Promise.all([gateway.stop(), relay.stop(), proxy.stop()]);
      log.info({ event: 'node_stopped' });
    },
  };
}

/** Files are named by the wall clock: when it steps, they begin anew. */
function clockWatch(now: () => number, onStep: () => void): () => void {
  let wall = now();
  let steady = performance.now();
  return () => {
    const [nextWall, nextSteady] = [now(), performance.now()];
    if (Math.abs((nextWall - wall) - (nextSteady - steady)) > STEP_MS) onStep();
    [wall, steady] = [nextWall, nextSteady];
  };
}

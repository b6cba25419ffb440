/** A media node put together: what starts after what, and how it stops. `main.ts` gives it the world. */
import { mkdir, rm } from 'node:fs/promises';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { DateTime } from 'luxon';
import type { Logger } from 'pino';
import type { NodeOrders, NodeReport } from '#contract/node.ts';
import type { GapReason } from '#contract/vocabulary.ts';
import { openDetector } from '../detector/detector.ts';
import type { DetectorSettings } from '../detector/settings.ts';
import { findFfmpeg } from '../ffmpeg/binary.ts';
import { createFanOut } from '../gateway/fanOut.ts';
import { openLive } from '../gateway/live.ts';
import { serveGateway } from '../gateway/serve.ts';
import { openTicketDesk } from '../gateway/ticket.ts';
import { openMinuteLog } from '../picture/minuteLog.ts';
import { openReferences } from '../picture/reference.ts';
import { openSampler } from '../picture/sample.ts';
import { startPictureWatch } from '../picture/watch.ts';
import { openClipDesk } from '../playback/clipDesk.ts';
import { openMaskedPieces } from '../playback/maskedPieces.ts';
import { openThumbnails } from '../playback/thumbnail.ts';
import { acceptDisk } from '../recorder/newDisk.ts';
import { openClockTrust } from '../recorder/clockTrust.ts';
import { isOurDisk, judgeDisk, type DiskState } from '../recorder/disk.ts';
import type { Journal } from '../recorder/journal.ts';
import { openRecorder } from '../recorder/recorder.ts';
import { startRetention, type Keep } from '../recorder/retention.ts';
import { isOpen } from '../recorder/schedule.ts';
import { SPACE_LIMITS, type SpaceLimits } from '../recorder/space.ts';
import { watchStored } from '../recorder/stored.ts';
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
  version: string;
  /** The operator's program that counts persons; none as shipped. */
  detector?: DetectorSettings | null;
}
export interface MediaNode { readonly gatewayPort: number; stop(): Promise<void> }

const DEMAND_MS = 1000;
const HOURS_MS = 1000;
const DISK_MS = 2000;
const DISK_GAPS: Record<DiskState, GapReason> = { ready: 'disk_full', away: 'disk_away', foreign: 'disk_foreign', read_only: 'disk_read_only' };
/** Without its disk a node has nothing to tell: numbers of another journal must not reach the centre. */
const NO_JOURNAL: Pick<Journal, 'lastSeq' | 'after'> = { lastSeq: 0, after: async () => [] };
const CLOCK_MS = 1000;
const TRIM_MS = 3_600_000;
/** So long a node that starts waits for the centre's word before it goes on by its last orders: its cameras may be another's by now. */
const ALONE_MS = 3000;
/** A revoked ticket could still be shown until it expires. */
const REVOKED_KEPT_MS = 180_000;

/** A node that began without its disk shows live pictures alone, and begins anew when the disk is there. */
export async function startNode(options: NodeOptions): Promise<MediaNode> {
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  const anew = (why: GapReason): void => {
    turn = turn.then(async () => {
      if (stopped) return;
      await life.stop();
      life = await startLife(options, why, anew);
    }).catch((error: unknown) => { options.log.error({ event: 'node_not_begun_anew', err: error }); setTimeout(() => anew(why), DISK_MS).unref(); });
  };
  let life = await startLife(options, 'node_stopped', anew);
  return { get gatewayPort() { return life.gatewayPort; }, async stop() { stopped = true; await turn; await life.stop(); } };
}

async function startLife(options: NodeOptions, stoppedGap: GapReason, anew: (why: GapReason) => void): Promise<MediaNode> {
  const { log, node, dataDir } = options;
  const now = Date.now;
  const [startedAt, startedSteady] = [now(), performance.now()];
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const place = { root: join(dataDir, 'recordings', node), node, identity: join(dataDir, `recordings-${node}.json`) };
  let disk = await judgeDisk(place);
  const hasDisk = disk === 'ready';
  const root = hasDisk ? place.root : join(dataDir, 'run', `no-disk-${node}`);
  if (!hasDisk) { log.error({ event: 'recording_disk', state: disk, root: place.root }); await rm(root, { recursive: true, force: true }); }

  const binary = await findFfmpeg({ path: options.path, runDir: join(dataDir, 'run') });
  log.info({ event: 'ffmpeg_found', version: binary.version, bundled: binary.bundled });
  if (binary.warning !== null) log.warn({ event: 'ffmpeg_bundled', warning: binary.warning });
  const recorder = await openRecorder({ root, log, now, stoppedGap, isOurs: async () => !hasDisk || await isOurDisk(place) });
  const trust = openClockTrust({ now, lastSignMs: recorder.lastSignMs });
  const relay = await startRelay({ entry: options.relayEntry, log });
  const proxy = await startRtspProxy();
  const simulated = openSimulated({ directory: join(dataDir, 'simulated'), font: options.font, binary, log });
  const seal = openSeal(options.secret);

  let orders: NodeOrders | null = null;
  let acknowledged = 0;
  let holdsKept: string[] = [];
  let keptOnDisk = false;
  let replaced = false;
  const revoked = new Map<string, number>();
  const retention = startRetention({
    recorder, root, limits: options.spaceLimits ?? SPACE_LIMITS, keepOf: (camera) => keepOf(orders, camera), mayExpire: () => trust.mayExpire(), isReady: async () => hasDisk && await judgeDisk(place) === 'ready', now, log,
    onChange: () => cameras.renewAll(),
  });
  const minutes = await openMinuteLog(join(dataDir, 'pictures', node, 'minutes'));
  const pictures = startPictureWatch({
    orders: () => orders?.picture ?? null, assignments: () => orders?.cameras ?? [], catalogue: recorder.catalogue, directory: recorder.directory,
    detector: options.detector ? openDetector(options.detector, { directory: join(dataDir, 'run'), log }) : null, sample: openSampler(binary), minutes, references: openReferences(join(dataDir, 'pictures', node)), now, log,
  });
  const fanOut = createFanOut({ door: () => relay.door(), log, now: () => performance.now() });
  const endViewers = (camera: string): void => fanOut.close((viewer) => viewer.camera === camera, 'camera_away');
  const mayTranscode = (): boolean => cameras.transcoding() < (orders?.transcodings ?? 0);
  const cameras = openCameras({
    binary, proxy, recorder, simulated, log, now, random: Math.random,
    publishUrl: (stream) => relay.publishUrl(stream), bitrateKbps: (stream) => relay.bitrateKbps(stream),
    networks: () => orders?.cameraNetworks ?? [],
    zoneOffsetSeconds: () => DateTime.fromMillis(now(), { zone: orders?.zone ?? 'UTC' }).offset * 60,
    isOpen: (hours) => hours === null || isOpen(orders?.hours[hours], now()),
    mayRecord: () => hasDisk && disk === 'ready' && retention.state() === 'enough', diskGap: () => DISK_GAPS[disk], spare: join(dataDir, 'run', 'spare', 'live'),
    onClock: (camera, ms) => pictures.onClock(camera, ms), mayTranscode,
  }, endViewers, endViewers);

  const stored = watchStored(recorder, now);
  const demand = (): void => cameras.demand(new Set(fanOut.wanted()));
  const live = openLive({
    log, tickets: openTicketDesk({ key: () => orders === null ? null : Buffer.from(orders.ticketKey, 'base64url'),
      // As this clock would have told it: it may have been set since.
      now, startedAt: () => now() - (performance.now() - startedSteady) }),
    fanOut, find: (id) => cameras.find(id), isRevoked: (ticket) => revoked.has(ticket), onWatch: demand, mayTranscode,
  });

  const report = (): NodeReport => {
    const viewers = fanOut.viewers();
    return {
      node, startedAt: new Date(startedAt).toISOString(), gateway: options.gatewayUrl ?? `http://${options.gatewayHost === '0.0.0.0' ? '127.0.0.1' : options.gatewayHost}:${gateway.port}`,
      machine: { version: options.version, cpus: cpus().length, load: (loadavg()[0] ?? 0) / Math.max(1, cpus().length), memoryTotalBytes: totalmem(), memoryFreeBytes: freemem() },
      cameras: cameras.report((camera) => viewers.filter((one) => one.camera === camera).length).map((camera) => pictures.judged(camera)),
      viewers: viewers.map((one) => one.ticket), disk: retention.space(), storage: { state: disk === 'ready' && retention.state() === 'full' ? 'full' : disk, floorBytes: retention.floorBytes(), cameras: stored() }, holds: holdsKept, relay: relay.report(),
      ffmpeg: { version: binary.version, bundled: binary.bundled, warning: binary.warning },
    };
  };
  const clips = await openClipDesk({ binary, recorder, directory: join(dataDir, 'run', `clips-${node}`), limits: options.spaceLimits ?? SPACE_LIMITS, log, now });
  const gateway = await serveGateway({
    host: options.gatewayHost, port: options.gatewayPort, secret: options.secret, log, live, recorder, thumbnails: openThumbnails(binary), maskedPieces: openMaskedPieces(binary), clips,
    async acceptDisk(journalUpTo) {
      const made = await acceptDisk(place, journalUpTo);
      log.warn({ event: 'recording_disk_accepted', ...made });
      // This life has the journal of the other disk in hand; the answer goes first.
      replaced = true;
      setTimeout(() => anew(DISK_GAPS[disk]), 300).unref();
      return made;
    },
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
    recorder.hold(fresh.holds);
    cameras.apply(fresh.cameras);
    // Lives that run were allowed under other networks, or carry another zone's time.
    if (before !== null && (before.zone !== fresh.zone || before.cameraNetworks.join() !== fresh.cameraNetworks.join())) cameras.renewAll();
  }
  async function obey(fresh: NodeOrders): Promise<void> {
    const known = ({ journalUpTo: _journalUpTo, revoked: _revoked, ...rest }: NodeOrders): string => JSON.stringify(rest);
    const changed = orders === null || known(orders) !== known(fresh);
    take(fresh);
    // Not onto a disk that is not ours; holds are in force in memory all the same.
    if (hasDisk && (disk !== 'ready' || !await isOurDisk(place))) return;
    if (!changed && keptOnDisk) return;
    keptOnDisk = false;
    try { await keepOrders(root, fresh, seal); } catch (error) { log.error({ event: 'orders_not_kept', err: error }); return; }
    keptOnDisk = true;
    holdsKept = fresh.holds.map((one) => one.id);
  }

  const kept = await readOrders(root, seal);
  if (kept !== null) holdsKept = kept.holds.map((one) => one.id);
  const alone = setTimeout(() => { if (orders === null && kept !== null) take(kept); }, ALONE_MS);
  const link = openLink({ centreUrl: options.centreUrl, node, secret: options.secret, log, journal: hasDisk ? recorder.journal : NO_JOURNAL, minutes, report, obey, onRevoked: async () => { const last = orders ?? kept; if (last !== null && last.cameras.length > 0) { log.error({ event: 'node_revoked' }); await obey({ ...last, cameras: [] }); } }, onCentreTime: (ms) => trust.centreSays(ms), onAcknowledged: (seq) => { acknowledged = seq; } });
  link.start();

  let judging = false;
  async function watchDisk(): Promise<void> {
    const before = disk;
    const after = await judgeDisk(place);
    if (replaced) return;
    if (after === before) return;
    disk = after;
    log[after === 'ready' ? 'info' : 'error']({ event: 'recording_disk', state: after, root: place.root });
    if (!hasDisk) { if (after === 'ready') anew(DISK_GAPS[before]); return; }
    if (after === 'ready') await recorder.resume(); else if (before === 'ready') recorder.suspend();
    cameras.renewAll();
  }

  const timers = [
    setInterval(() => { if (judging) return; judging = true; watchDisk().catch((error: unknown) => log.error({ event: 'disk_not_judged', err: error })).finally(() => { judging = false; }); }, DISK_MS),
    setInterval(demand, DEMAND_MS),
    setInterval(() => cameras.keepHours(), HOURS_MS),
    setInterval(() => { if (!trust.stepped()) return; log.warn({ event: 'clock_stepped', mayExpire: trust.mayExpire() }); cameras.renewAll(); }, CLOCK_MS),
    setInterval(() => {
      recorder.journal.trim(acknowledged, (entry) => entry.type === 'segment' && recorder.catalogue.has(entry.camera, entry.file))
        .catch((error: unknown) => log.error({ event: 'journal_trim_failed', err: error }));
    }, TRIM_MS),
  ];
  log.info({ event: 'node_started', node, gatewayPort: gateway.port });

  return {
    gatewayPort: gateway.port,
    async stop() {
      clearTimeout(alone);
      for (const timer of timers) clearInterval(timer);
      retention.stop();
      fanOut.stop();
      await pictures.stop();
      await clips.stop();
      await cameras.stop();
      await recorder.stop();
      await link.stop();
      await Promise.all([gateway.stop(), relay.stop(), proxy.stop()]);
      log.info({ event: 'node_stopped' });
    },
  };
}

/** What is promised for a camera; of one that is gone, what holds for all. Null without orders. */
function keepOf(orders: NodeOrders | null, camera: string): Keep | null {
  return orders === null ? null : orders.cameras.find((one) => one.id === camera)?.keep ?? (Object.hasOwn(orders.kept, camera) ? orders.kept[camera] : null) ?? { days: orders.retentionDays, bytes: null };
}

/**
 * Looks at the pictures of recorded cameras: at files that are closed, so that no camera is asked for a second stream. One
 * look a camera every few minutes, in a queue of its own; what is late is left out and counted, never made up for.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CameraAssignment, NodeCamera } from '#contract/node.ts';
import type { Detected, NodePicture, PictureOrders } from '#contract/picture.ts';
import type { Segment as Recorded } from '../recorder/catalogue.ts';
import type { Detector } from '../detector/detector.ts';
import { activityIn, changesOf } from './activity.ts';
import { judge, type Doubt, type Finding } from './judge.ts';
import { background, type Picture } from './measures.ts';
import type { MinuteLog } from './minuteLog.ts';
import type { Reference, References } from './reference.ts';
import type { TakeSample } from './sample.ts';
import { SenderClock } from './senderClock.ts';
import { steady, type Steady } from './steady.ts';

export interface PictureWatch {
  /** A sender report of a camera's stream: what its clock says. */
  onClock(camera: string, cameraMs: number): void;
  /** The camera as the node reports it, with what was seen in its picture. */
  judged(camera: NodeCamera): NodeCamera;
  stop(): Promise<void>;
}
export interface PictureWatchParts {
  orders: () => PictureOrders | null; assignments: () => readonly CameraAssignment[];
  catalogue: { last(camera: string): Segment | null }; directory: (camera: string) => string;
  /** Counts persons where the operator has a program for it. */
  detector?: Detector | null;
  sample: TakeSample; minutes: Pick<MinuteLog, 'append'>; references: References; now: () => number; log: Logger;
}

type Segment = Pick<Recorded, 'file' | 'fromMs' | 'toMs'>;

const TICK_MS = 1000;
const MINUTE = 60_000;
const SHORTEST_MS = 5000;
/** A file that was closed longer ago than this says nothing of now. */
const FRESH_MS = 3 * MINUTE;
const COSTS_KEPT = 10;

interface Watched {
  seen: string | null; looked: Segment | null; last: Picture | null; reference: Reference | null | undefined; confirm: number;
  finding: Steady<Finding>; doubts: Record<Doubt, Steady<'yes'>>; sinceMs: number | null;
  unreadable: boolean; costs: number[]; dropped: number; clock: SenderClock; counted: { at: number; found: Detected } | null;
}

function begin(confirm: number): Watched {
  const doubt = (): Steady<'yes'> => steady<'yes'>(() => confirm, confirm);
  return {
    seen: null, looked: null, last: null, reference: undefined, confirm, sinceMs: null, unreadable: false, costs: [], dropped: 0, clock: new SenderClock(), counted: null,
    // A quiet picture looks frozen sooner than a good one looks black. One good picture is proof of a good picture.
    finding: steady<Finding>((found) => (found === 'frozen' ? confirm + 1 : confirm), 1), doubts: { moved: doubt(), out_of_focus: doubt() },
  };
}

export function startPictureWatch(parts: PictureWatchParts): PictureWatch {
  const { now, log } = parts;
  const watched = new Map<string, Watched>();
  const queue = new Map<string, Segment>();
  const running = new Set<Promise<void>>();
  const counted = new Set<Promise<void>>();
  const busy = new Set<string>();
  const atOnce = Math.max(1, Math.floor(cpus().length / 2));
  let stopped = false;

  const of = (camera: string): Watched => {
    const confirm = parts.orders()?.confirm ?? 1;
    let one = watched.get(camera);
    if (one === undefined || one.confirm !== confirm) watched.set(camera, one = { ...begin(confirm), clock: one?.clock ?? new SenderClock() });
    return one;
  };

  function isDue(camera: string, segment: Segment, { looked, finding, doubts, unreadable }: Watched, everyMinutes: number): boolean {
    if (looked === null || unreadable || finding.doubtful || doubts.moved.doubtful || doubts.out_of_focus.doubtful) return true;
    const spread = [...camera].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
    return (minuteOf(segment) / MINUTE + spread) % everyMinutes === 0 || segment.fromMs - looked.fromMs > 2 * everyMinutes * MINUTE;
  }

  function tick(): void {
    const orders = parts.orders();
    if (orders === null || stopped) return;
    const living = new Set<string>();
    for (const { id, enabled, record } of parts.assignments()) {
      living.add(id);
      if (!enabled || !record) continue;
      const one = of(id);
      const segment = parts.catalogue.last(id);
      if (segment === null || segment.file === one.seen || segment.toMs - segment.fromMs < SHORTEST_MS || now() - segment.toMs > FRESH_MS) continue;
      one.seen = segment.file;
      if (!isDue(id, segment, one, orders.everyMinutes)) continue;
      if (queue.has(id)) one.dropped += 1;
      queue.set(id, segment);
    }
    for (const id of watched.keys()) if (!living.has(id)) watched.delete(id);
    next();
  }

  function next(): void {
    while (running.size < atOnce && !stopped) {
      const entry = [...queue].find(([camera]) => !busy.has(camera));
      if (entry === undefined) return;
      const [camera, segment] = entry;
      queue.delete(camera);
      const assignment = parts.assignments().find((one) => one.id === camera);
      if (assignment === undefined) continue;
      if (now() - segment.toMs > FRESH_MS) { of(camera).dropped += 1; continue; }
      busy.add(camera);
      const run: Promise<void> = look(assignment, segment)
        .catch((error: unknown) => { of(camera).unreadable = true; log.warn({ event: 'picture_not_read', camera, why: error instanceof Error ? error.message : 'unknown' }); })
        .finally(() => { running.delete(run); busy.delete(camera); next(); });
      running.add(run);
    }
  }

  async function look(assignment: CameraAssignment, segment: Segment): Promise<void> {
    const { id } = assignment;
    const one = of(id);
    if (one.reference === undefined) one.reference = await parts.references.read(id);
    const confirmedAt = assignment.picture?.confirmedAt ?? null;
    if (one.reference !== null && one.reference.of !== confirmedAt) { one.reference = null; await parts.references.keep(id, null); }
    const { pictures, cpuSeconds } = await parts.sample(join(parts.directory(id), segment.file));
    const before = process.cpuUsage();
    const found = judge(pictures, one.last, one.reference?.picture ?? null);
    if (found === null) throw new Error('no key frame in the file');
    const zones = assignment.picture?.zones ?? null;
    const changes = zones?.staff || zones?.public ? changesOf(pictures) : [];
    const minute = { camera: id, minute: new Date(minuteOf(segment)).toISOString(), staff: rounded(activityIn(changes, zones?.staff)), public: rounded(activityIn(changes, zones?.public)), usable: found.finding === null };
    // A look at the same moment as the confirmation may still show the view before it.
    if (one.reference === null && confirmedAt !== null && found.finding === null && segment.fromMs >= Date.parse(confirmedAt)) {
      one.reference = { of: confirmedAt, picture: background(pictures) };
      await parts.references.keep(id, one.reference);
      log.info({ event: 'picture_reference_taken', camera: id });
    }
    const used = process.cpuUsage(before);
    one.costs = [...one.costs, cpuSeconds + (used.user + used.system) / 1e6].slice(-COSTS_KEPT);
    one.unreadable = false;
    one.looked = segment;
    one.last = pictures.at(-1) ?? null;
    if (one.finding.take(found.finding)) { one.sinceMs = segment.fromMs; log.info({ event: 'picture_state', camera: id, finding: one.finding.held }); }
    one.sinceMs ??= segment.fromMs;
    for (const doubt of ['moved', 'out_of_focus'] as const) {
      // Of a picture that shows nothing, and of a view without reference, neither can be told.
      if (found.finding !== null && found.finding !== 'frozen') continue;
      if (one.doubts[doubt].take(found.warnings.includes(doubt) ? 'yes' : null)) log.info({ event: 'picture_warning', camera: id, warning: doubt, holds: one.doubts[doubt].held !== null });
    }
    // What still could say something of people while nothing is to be seen would be noise.
    if (!minute.usable || !parts.detector || !zones) { await parts.minutes.append([minute.usable ? minute : { ...minute, staff: null, public: null }]); return; }
    // The next camera does not wait until somebody has counted.
    const counting: Promise<void> = parts.detector.count(pictures, zones, segment.fromMs).then(async (found) => {
      if (found !== null) one.counted = { at: minuteOf(segment), found };
      await parts.minutes.append([{ ...minute, detected: found }]);
    }).catch((error: unknown) => { log.error({ event: 'minute_not_kept', camera: id, err: error }); }).finally(() => { counted.delete(counting); });
    counted.add(counting);
  }

  function picture(camera: NodeCamera): NodePicture {
    const orders = parts.orders();
    const assignment = parts.assignments().find((one) => one.id === camera.id);
    const one = watched.get(camera.id);
    const seconds = one?.clock.seconds() ?? null;
    const old = one?.looked == null || now() - one.looked.toMs > (2 * (orders?.everyMinutes ?? 1) + 2) * MINUTE;
    const unchecked = orders === null ? 'off' : assignment?.record !== true ? 'not_recorded' : one?.unreadable ? 'unreadable' : one?.looked == null ? 'not_yet' : old ? 'late' : null;
    const known = one !== undefined && unchecked === null ? one : null;
    return {
      checkedAt: one?.looked ? new Date(minuteOf(one.looked)).toISOString() : null, unchecked,
      finding: known?.finding.held ?? null, since: known?.sinceMs == null ? null : new Date(known.sinceMs).toISOString(),
      warnings: [...(['moved', 'out_of_focus'] as const).filter((doubt) => known?.reference && known.doubts[doubt].held !== null), ...(orders !== null && seconds !== null && Math.abs(seconds) > orders.clockSeconds ? ['wrong_time' as const] : [])],
      referenceOf: one?.reference?.of ?? null, clockSeconds: seconds,
      cpuSeconds: one === undefined || one.costs.length === 0 ? null : Math.round(one.costs.reduce((sum, cost) => sum + cost, 0) / one.costs.length * 1000) / 1000, dropped: one?.dropped ?? 0,
      ...(parts.detector ? { detector: { state: parts.detector.state(), at: one?.counted ? new Date(one.counted.at).toISOString() : null, staff: one?.counted?.found.staff ?? null, public: one?.counted?.found.public ?? null } } : {}),
    };
  }

  const timer = setInterval(tick, TICK_MS);
  return {
    onClock(camera, cameraMs) { of(camera).clock.add(cameraMs, now()); },
    judged(camera) {
      const seen = picture(camera);
      // A camera that is away is away, whatever its last picture was.
      if (camera.state !== 'online' || seen.finding === null) return { ...camera, picture: seen };
      return { ...camera, state: seen.finding, reason: null, since: seen.since ?? camera.since, picture: seen };
    },
    async stop() { stopped = true; clearInterval(timer); await Promise.allSettled([...running]); await parts.detector?.stop(); await Promise.allSettled([...counted]); },
  };
}

/** The clock minute in which the middle of the file lies. */
const minuteOf = ({ fromMs, toMs }: Segment): number => Math.floor((fromMs + toMs) / 2 / MINUTE) * MINUTE;
const rounded = (share: number | null): number | null => (share === null ? null : Math.round(share * 1000) / 1000);

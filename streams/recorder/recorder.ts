/**
 * The recordings of this node: its folder, its journal, its catalogue. It depends on nothing that can go away: not on
 * the relay, the centre or a database.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { HeldRange, JournalEntry } from '#contract/node.ts';
import type { CAMERA_STATES, GAP_REASONS } from '#contract/vocabulary.ts';
import { indexFile } from '../playback/boxIndex.ts';
import type { PlayableFile } from '../playback/playlist.ts';
import { Catalogue, type Segment } from './catalogue.ts';
import { holdsOf } from './holds.ts';
import { readHeartbeat, writeHeartbeat } from './heartbeat.ts';
import { openJournal, type Journal, type NewEntry } from './journal.ts';
import { beginRun, finishedName, type RecordingRun } from './run.ts';
import { segmentFiles, sweep } from './sweep.ts';

type CameraState = (typeof CAMERA_STATES)[number];
type GapReason = (typeof GAP_REASONS)[number];

export interface Recorder {
  readonly journal: Journal;
  readonly catalogue: Catalogue;
  /** When this node last wrote that it lives, before this start. */
  readonly lastSignMs: number | null;
  directory(camera: string): string;
  /** Where a file lies; one that was being written when it was listed has its last name by now. */
  pathOf(camera: string, file: string): string;
  begin(camera: string): Promise<RecordingRun>;
  end(camera: string, run: RecordingRun): Promise<void>;
  /** Why there is no recording from now on; null when there is. Written when it changes. */
  note(camera: string, state: CameraState, gap: GapReason | null): Promise<void>;
  /** Finished files and the one being written that touch the range, oldest first. */
  playable(camera: string, fromMs: number, toMs: number): Promise<PlayableFile[]>;
  /** From now on nothing in these ranges is deleted. */
  hold(ranges: readonly HeldRange[]): void;
  isHeld(camera: string, segment: Segment): boolean;
  /** Nothing of the range is deleted until what is returned is called: somebody reads it. */
  pin(camera: string, fromMs: number, toMs: number): () => void;
  /** The one path by which a recording is deleted; false when it is held, or as long as nobody has told what is held. */
  remove(camera: string, segment: Segment, reason: string): Promise<boolean>;
  /** The disk is not there or takes nothing: nothing is written until `resume`, and what there is to say is kept in memory. */
  suspend(): void;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** So many changes of state are remembered while the disk is away. */
const MOST_PENDING = 5000;
const HEARTBEAT_MS = 5000;
const INDEXES_KEPT = 1000;

export async function openRecorder({ root, log, now, stoppedGap = 'node_stopped', isOurs = async () => true }: { root: string; /** Whether the disk is there at this moment. */ isOurs?: () => Promise<boolean>; log: Logger; now: () => number; /** Why nothing was recorded since the last sign of life. */ stoppedGap?: GapReason }): Promise<Recorder> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const catalogue = new Catalogue();
  const noted = new Map<string, { state: CameraState; gap: GapReason | null }>();
  const runs = new Map<string, RecordingRun>();
  const indexes = new Map<string, Promise<PlayableFile['index'] | null>>();
  const holds = holdsOf();
  let pending: NewEntry[] = [];
  let suspended = false;
  const take = (entry: JournalEntry): void => {
    if (entry.type === 'state') noted.set(entry.camera, entry);
    else catalogue.apply(entry);
  };
  const journal = await openJournal(root, take);
  const write = async (entries: NewEntry[]): Promise<void> => { for (const entry of await journal.append(entries)) take(entry); };
  const directory = (camera: string): string => join(root, camera);

  // What the last run of this node left behind.
  const heartbeat = await readHeartbeat(root);
  const found = await sweep(root, catalogue, now());
  await write(found);
  if (found.length > 0) log.info({ event: 'swept', segments: found.filter((one) => one.type === 'segment').length, removed: found.filter((one) => one.type === 'deleted').length });
  if (heartbeat !== null) await write(stoppedEntries(noted, heartbeat.atMs, stoppedGap));
  await writeHeartbeat(root, { atMs: now(), state: 'running' });
  const beat = setInterval(() => { void isOurs().then(async (ours) => { if (ours && !suspended) await writeHeartbeat(root, { atMs: now(), state: 'running' }); }).catch(() => undefined); }, HEARTBEAT_MS);

  /** What a disk did not take is tried again with the next change, and when it is back. */
  async function flush(): Promise<void> {
    const entries = pending;
    pending = [];
    try { await write(entries); } catch (error) {
      pending = [...entries, ...pending].slice(-MOST_PENDING);
      log.error({ event: 'journal_failed', entries: pending.length, err: error });
    }
  }

  async function indexOf(camera: string, file: string): Promise<PlayableFile['index'] | null> {
    const key = `${camera}/${file}`;
    let known = indexes.get(key);
    if (known === undefined) {
      indexes.set(key, known = indexFile(join(directory(camera), file)).catch(() => null));
      if (indexes.size > INDEXES_KEPT) indexes.delete(indexes.keys().next().value ?? '');
    }
    return known;
  }

  async function growing(camera: string): Promise<PlayableFile | null> {
    const run = runs.get(camera);
    const fromMs = run?.growingFromMs() ?? null;
    if (run === undefined || fromMs === null) return null;
    const file = (await segmentFiles(directory(camera))).findLast((one) => one.endsWith(`-${run.suffix}.mp4`));
    if (file === undefined || catalogue.has(camera, file)) return null;
    const index = await indexFile(join(directory(camera), file)).catch(() => null);
    return index === null ? null : { file, fromMs, index };
  }

  return {
    journal, catalogue, directory, lastSignMs: heartbeat?.atMs ?? null,
    pathOf: (camera, file) => join(directory(camera), catalogue.has(camera, finishedName(file)) ? finishedName(file) : file),
    async begin(camera) {
      // Nor with its parents: where the disk is away, no folder is made in its place.
      if (!await isOurs()) throw new Error('the recording disk is not there');
      await mkdir(directory(camera), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error; });
      const run = beginRun({
        camera, directory: directory(camera), suffix: randomBytes(3).toString('hex'), now,
        isKnown: (file) => catalogue.has(camera, file), journal: (entry) => write([entry]),
        onReopened: (file) => log.error({ event: 'segment_overwritten', camera, file }),
      });
      runs.set(camera, run);
      return run;
    },
    async end(camera, run) {
      try { await run.finish(); } catch (error) { log.error({ event: 'segments_not_journaled', camera, err: error }); }
      if (runs.get(camera) === run) runs.delete(camera);
    },
    async note(camera, state, gap) {
      const before = noted.get(camera);
      if (before?.state === state && before.gap === gap) return;
      noted.set(camera, { state, gap });
      pending.push({ type: 'state', camera, at: new Date(now()).toISOString(), state, gap });
      if (!suspended) await flush();
    },
    async playable(camera, fromMs, toMs) {
      const files: PlayableFile[] = [];
      for (const segment of catalogue.between(camera, fromMs, toMs)) {
        const index = await indexOf(camera, segment.file);
        if (index !== null) files.push({ file: segment.file, fromMs: segment.fromMs, index });
      }
      const last = await growing(camera);
      if (last !== null && last.fromMs < toMs && last.fromMs + last.index.seconds * 1000 > fromMs) files.push(last);
      return files;
    },
    hold: (ranges) => holds.set(ranges),
    pin: (camera, fromMs, toMs) => holds.pin(camera, fromMs, toMs),
    isHeld: (camera, segment) => holds.covers(camera, segment),
    async remove(camera, segment, reason) {
      if (holds.covers(camera, segment)) { log.error({ event: 'held_not_removed', camera, file: segment.file, reason }); return false; }
      // The file first: a crash in between is found by the next sweep, whereas the other order would bring it back.
      await unlink(join(directory(camera), segment.file)).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'ENOENT') throw error; });
      indexes.delete(`${camera}/${segment.file}`);
      await write([{ type: 'deleted', camera, file: segment.file, at: new Date(now()).toISOString(), reason }]);
      return true;
    },
    suspend() { suspended = true; },
    async resume() {
      await journal.reopen();
      suspended = false;
      await flush();
    },
    async stop() {
      clearInterval(beat);
      if (!suspended && await isOurs()) {
        await flush();
        await write(stoppedEntries(noted, now(), 'node_stopped')).catch(() => undefined);
        await writeHeartbeat(root, { atMs: now(), state: 'stopped' }).catch(() => undefined);
      }
      await journal.close();
    },
  };
}

/** Cameras that were recording until then are so no more, because the node is not there. */
function stoppedEntries(noted: Map<string, { state: CameraState; gap: GapReason | null }>, atMs: number, why: GapReason): NewEntry[] {
  return [...noted].filter(([, { state, gap }]) => gap !== 'node_stopped' && state !== 'disabled')
    .map(([camera]) => ({ type: 'state', camera, at: new Date(atMs).toISOString(), state: 'offline', gap: why }));
}

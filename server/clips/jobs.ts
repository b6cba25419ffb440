/**
 * The making of clips: jobs in the database, so that a restart of the centre goes on with what was begun, camera by
 * camera. A job that was begun too often fails with that cause instead of being tried for ever.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DAY } from '#analytics/time/localDay.ts';
import type { NodeClip } from '#contract/node.ts';
import type { ClipManifest } from '#contract/recording.ts';
import { readCamera } from '../cameras/cameraRows.ts';
import { masksOf } from '../cameras/masks.ts';
import type { Nodes } from '../cameras/nodes.ts';
import type { Database } from '../database/pool.ts';
import { whomToAsk } from '../recordings/holders.ts';
import { readSpans } from '../recordings/readSpans.ts';
import type { Units } from '../units/tree.ts';
import { writeBundle } from './bundle.ts';
import { ClipFailed } from './clipFailed.ts';
import { fetchClip } from './fetchParts.ts';
import type { SigningKey } from './signingKey.ts';

export interface ClipRow extends Record<string, unknown> {
  id: string; cameras: string[]; units: string[]; starts: Date; ends: Date; purpose: string; requested_by: string; requested_at: Date; state: string; progress: number; attempts: number;
  parts: Record<string, Pick<NodeClip, 'files' | 'segments'>>; cause: string | null; unmasked: boolean; released_by: string | null; released_at: Date | null; release_note: string | null; masks: Record<string, number>; bytes: number | null; sha256: string | null; finished_at: Date | null; expires_at: Date | null;
}
export interface ClipJobs {
  /** Goes on with what waits. */
  wake(): void;
  fileOf(id: string): string;
  /** The progress of this moment; null of a job that does not run. */
  progressOf(id: string): number | null;
  /** Whether there is room for so many bytes of video. */
  hasRoom(bytes: number): Promise<boolean>;
  /** Removes what has expired. */
  expire(): Promise<void>;
  stop(): Promise<void>;
}
export interface ClipJobParts { database: Database; nodes: Nodes; units: Units; key: SigningKey; directory: string; zone: string; centreName: string; version: string; atOnce: number; keepDays: number; now: () => Date; log: Logger }

const MOST_ATTEMPTS = 4;
const SPARE = 1e9;

export async function openClipJobs(parts: ClipJobParts): Promise<ClipJobs> {
  const { database, nodes, units, key, directory, now, log } = parts;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const abort = new AbortController();
  const running = new Map<string, Promise<void>>();
  const shares = new Map<string, number>();
  const folderOf = (id: string) => join(directory, id);
  const fileOf = (id: string) => join(folderOf(id), `${id}.zip`);
  // What was being made when the centre stopped.
  await database.query("UPDATE clips SET state = 'queued' WHERE state = 'running'");

  async function hasRoom(bytes: number): Promise<boolean> {
    const { bavail, bsize } = await statfs(directory);
    // The pieces lie beside the bundle until it is whole.
    return bavail * bsize > bytes * 2 + SPARE;
  }

  /** The journal follows a little later; without it nobody knows why something is missing. */
  async function untilToldOf(camera: string, files: readonly string[]): Promise<void> {
    for (let turns = 0; turns < 40; turns += 1) {
      const known = (await database.query<{ n: number }>('SELECT count(*) AS n FROM segments WHERE camera = $1 AND file = ANY($2)', [camera, files])).rows[0]?.n ?? 0;
      if (known >= files.length) return;
      await sleep(500, undefined, { signal: abort.signal });
    }
  }

  /** `asked` gets the names under which nodes cut for it. */
  async function make(job: ClipRow, asked: Set<string>): Promise<void> {
    const folder = folderOf(job.id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const done = { ...job.parts };
    const share = (of: number) => { shares.set(job.id, of); };
    const cameras: ClipManifest['cameras'] = [];
    const burnt: Record<string, number> = {};
    for (const [index, id] of job.cameras.entries()) {
      const camera = await readCamera(database, id);
      if (!camera) throw new ClipFailed('no_recording');
      const masks = job.unmasked ? null : masksOf(camera);
      if (masks !== null) burnt[id] = masks.version;
      // Where its recording lies on several nodes, each cuts what is its own.
      const stretches = await whomToAsk(database, id, camera.node, job.starts.getTime(), job.ends.getTime());
      for (const [place, stretch] of stretches.entries()) {
        // Pieces with other masks than those of now are no pieces of this clip.
        const name = `${stretches.length === 1 ? id : `${id}@${stretch.node}.${stretch.starts}`}${masks === null ? '' : ` m${masks.version}`}`;
        const clipId = `${job.id}${stretches.length === 1 ? '' : `-${place + 1}`}${masks === null ? '' : `-m${masks.version}`}`;
        const [from, to] = [new Date(stretch.starts), new Date(stretch.ends)];
        asked.add(clipId);
        let part = done[name];
        if (part === undefined || !part.files.every((file) => existsSync(join(folder, file.name)))) {
          part = await fetchClip({
            id: clipId, camera: id, from, to, masks, folder, signal: abort.signal, node: () => nodes.of(stretch.node), nameOf: (file) => (stretches.length === 1 ? file : `${place + 1}-${file}`),
            progress: (of) => { share((index + (place + of) / stretches.length) / (job.cameras.length + 0.2)); },
          });
          done[name] = part;
          await database.query('UPDATE clips SET parts = $2, progress = $3 WHERE id = $1', [job.id, JSON.stringify(done), (index + (place + 1) / stretches.length) / (job.cameras.length + 0.2)]);
        }
        await untilToldOf(id, part.segments.map((segment) => segment.file));
        const spans = part.segments.map((segment) => ({ starts: Date.parse(segment.from), ends: Date.parse(segment.to) }));
        const { gaps } = await readSpans({ database, nodes, now }, id, stretch.starts, stretch.ends, spans);
        cameras.push({ camera: id, name: camera.name, unit: camera.unit, unitName: units.nameOf(camera.unit), position: camera.position, simulated: camera.simulated !== null, node: stretch.node, files: part.files, segments: part.segments, gaps, ...(masks === null ? {} : { masks: { note: 'masked, re-encoded' as const, ...masks } }) });
      }
    }
    if (cameras.every((camera) => camera.files.length === 0)) throw new ClipFailed('no_recording');
    if (!await hasRoom(cameras.flatMap((camera) => camera.files).reduce((sum, file) => sum + file.bytes, 0) / 2)) throw new ClipFailed('no_room');
    const manifest: ClipManifest = {
      format: 'toan-canh-clip/1', id: job.id, centre: { name: parts.centreName, version: parts.version }, zone: parts.zone, madeAt: now().toISOString(), requestedBy: job.requested_by, purpose: job.purpose,
      from: job.starts.toISOString(), to: job.ends.toISOString(), cameras,
      ...(job.unmasked && job.released_by !== null ? { unmasked: { requestedBy: job.requested_by, releasedBy: job.released_by, releasedAt: job.released_at?.toISOString() ?? '', note: job.release_note ?? '' } } : {}),
    };
    const { bytes, sha256 } = await writeBundle(fileOf(job.id), folder, manifest, key);
    await Promise.all(cameras.flatMap((camera) => camera.files).map((file) => rm(join(folder, file.name), { force: true })));
    await database.query("UPDATE clips SET state = 'done', progress = 1, parts = '{}', bytes = $2, sha256 = $3, finished_at = $4, expires_at = $5, masks = $6 WHERE id = $1", [job.id, bytes, sha256, now(), new Date(now().getTime() + parts.keepDays * DAY), JSON.stringify(burnt)]);
  }

  async function forgetAtNodes(id: string): Promise<void> {
    for (const node of nodes.all()) await fetch(`${node.gateway}/clips/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${node.secret}` }, signal: AbortSignal.timeout(5_000), redirect: 'error' }).then((answer) => answer.body?.cancel(), () => undefined);
  }

  async function run(job: ClipRow): Promise<void> {
    const asked = new Set([job.id]);
    try {
      if (job.attempts > MOST_ATTEMPTS) throw new ClipFailed('too_many_restarts');
      await make(job, asked);
    } catch (error) {
      // Stopping: the job is taken up by the next start.
      if (abort.signal.aborted) return;
      const cause = error instanceof ClipFailed ? error.why : (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'no_room' : 'cut_failed';
      if (!(error instanceof ClipFailed)) log.error({ event: 'clip_failed', clip: job.id, err: error });
      await rm(folderOf(job.id), { recursive: true, force: true });
      await database.query("UPDATE clips SET state = 'failed', cause = $2, parts = '{}', finished_at = $3 WHERE id = $1", [job.id, cause, now()]);
    }
    // Also of one that failed: a node would encode on for hours, and others wait behind it.
    for (const id of asked) await forgetAtNodes(id);
  }

  async function takeNext(): Promise<void> {
    while (!abort.signal.aborted && running.size < parts.atOnce) {
      const job = (await database.query<ClipRow>("UPDATE clips SET state = 'running', attempts = attempts + 1 WHERE id = (SELECT id FROM clips WHERE state = 'queued' ORDER BY requested_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *")).rows[0];
      if (!job) return;
      const work = run(job).catch((error: unknown) => { log.error({ event: 'clip_job_failed', clip: job.id, err: error }); }).finally(() => { running.delete(job.id); shares.delete(job.id); wake(); });
      running.set(job.id, work);
    }
  }
  let turn: Promise<void> = Promise.resolve();
  function wake(): void {
    if (abort.signal.aborted) return;
    turn = turn.then(takeNext).catch((error: unknown) => { log.warn({ event: 'clips_wait', error: error instanceof Error ? error.message : String(error) }); });
  }
  async function expire(): Promise<void> {
    const past = await database.query<{ id: string }>("UPDATE clips SET state = 'expired' WHERE state = 'done' AND expires_at < $1 RETURNING id", [now()]);
    for (const { id } of past.rows) await rm(folderOf(id), { recursive: true, force: true });
    // What nobody released in so long is not wanted any more.
    await database.query("UPDATE clips SET state = 'failed', cause = 'turned_down', finished_at = $1 WHERE state = 'waiting_release' AND requested_at < $2", [now(), new Date(now().getTime() - parts.keepDays * DAY)]);
    // A job whose turn failed because the database was away.
    wake();
  }
  // Also what expired while the centre stood still.
  await expire();

  return {
    wake, fileOf, hasRoom,
    progressOf: (id) => shares.get(id) ?? null,
    expire,
    async stop() { abort.abort(); await turn; await Promise.allSettled([...running.values()]); },
  };
}

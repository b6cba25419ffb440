/**
 * P8: a clip of one hour, from the segments on a node's disk to the signed bundle at the centre: cut and hashed by the node's
 * own desk, fetched through its gateway, checked, bundled and signed as the centre does it; only the job's rows in the
 * database are left out. Baseline: `cp` of the same segments. Both are over when their last byte is written, not synced.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { ClipManifest } from '#contract/recording.ts';
import { writeBundle } from '#server/clips/bundle.ts';
import { fetchClip } from '#server/clips/fetchParts.ts';
import { openSigningKey } from '#server/clips/signingKey.ts';
import { verifyBundle } from '#server/clips/verifyBundle.ts';
import type { NodeState } from '#server/cameras/nodes.ts';
import { findFfmpeg } from '#streams/ffmpeg/binary.ts';
import { serveGateway, type GatewayParts } from '#streams/gateway/serve.ts';
import { openClipDesk } from '#streams/playback/clipDesk.ts';
import { SPACE_LIMITS } from '#streams/recorder/space.ts';
import { openRecorder } from '#streams/recorder/recorder.ts';
import { makeClip } from '../support/rtspCamera.ts';
import type { Closers } from './closers.ts';
import { resultOf, type Result } from './measures.ts';

const MINUTES = 60;
const PAIRS = 3;

export async function clipAgainstCopy(closers: Closers, say: (text: string) => void): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'toan-canh-p8-'));
  closers.add(() => { rmSync(folder, { recursive: true, force: true }); });
  const starts = Math.floor(Date.now() / 60_000 - MINUTES - 10) * 60_000;
  const camera = join(folder, 'recordings', 'cam');
  const bytes = recordHour(folder, camera, starts);
  say(`P8: an hour of ${(bytes / 1e6).toFixed(0)} MB …`);

  const log = pino({ level: 'silent' });
  const recorder = await openRecorder({ root: join(folder, 'recordings'), log, now: Date.now });
  closers.add(async () => { await recorder.stop(); });
  const binary = await findFfmpeg({ path: process.env.PATH ?? '', runDir: join(folder, 'run') });
  const desk = await openClipDesk({ binary, recorder, directory: join(folder, 'clips'), limits: SPACE_LIMITS, log, now: Date.now });
  closers.add(async () => { await desk.stop(); });
  const secret = 'a-secret-of-the-benchmark';
  const gateway = await serveGateway({ host: '127.0.0.1', port: 0, secret, log, recorder, clips: desk, live: { stop: () => undefined }, health: () => ({}) } as unknown as GatewayParts);
  closers.add(async () => { await gateway.stop(); });
  const key = await openSigningKey(folder);
  const node = (): NodeState => ({ id: 'local', gateway: `http://127.0.0.1:${gateway.port}`, secret }) as unknown as NodeState;

  let turn = 0;
  const clip = async (): Promise<number> => {
    turn += 1;
    const [target, id] = [join(folder, `clip-${turn}`), `clip-bench-${turn}`];
    mkdirSync(target);
    const [from, to] = [new Date(starts), new Date(starts + MINUTES * 60_000)];
    const began = performance.now();
    const part = await fetchClip({ id, camera: 'cam', from, to, masks: null, folder: target, signal: new AbortController().signal, node, nameOf: (name) => name, progress: () => undefined });
    const manifest: ClipManifest = {
      format: 'toan-canh-clip/1', id, centre: { name: 'bench', version: '0' }, zone: 'Asia/Ho_Chi_Minh', madeAt: new Date().toISOString(), requestedBy: 'bench', purpose: 'bench', from: from.toISOString(), to: to.toISOString(),
      cameras: [{ camera: 'cam', name: 'cam', unit: '75', unitName: '75', position: 'counter', simulated: false, node: 'local', files: part.files, segments: part.segments, gaps: [] }],
    };
    const bundle = join(target, 'bundle.zip');
    await writeBundle(bundle, target, manifest, key);
    const took = performance.now() - began;
    if (turn === 1) {
      const { faults } = await verifyBundle(bundle, key.fingerprint);
      if (faults.length > 0 || part.segments.length !== MINUTES || part.segments.some((one) => !one.intact)) throw new Error(`the bundle is not whole: ${faults.join('; ')}, ${part.segments.length} segments`);
    }
    await desk.drop(id);
    rmSync(target, { recursive: true });
    return took;
  };
  const copy = (): number => {
    const target = join(folder, 'copy');
    const began = performance.now();
    execFileSync('cp', ['-r', camera, target]);
    const took = performance.now() - began;
    rmSync(target, { recursive: true });
    return took;
  };
  // Unmeasured: both read from memory afterwards.
  await clip();
  copy();
  const pairs: { ours: number; baseline: number }[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) pairs.push({ baseline: copy(), ours: await clip() });
  return [resultOf({ row: 'P8', measure: 'clip of an hour, signed bundle', baselineIs: 'cp of the segments', unit: 'ms', bound: 'most', pass: 3, aim: 1.5, notes: { megabytes: bytes / 1e6, segments: MINUTES } }, pairs)];
}

/** Segments as the recorder's ffmpeg writes them, under the names of a past hour; the node takes them up as it does after a crash. */
function recordHour(folder: string, camera: string, starts: number): number {
  mkdirSync(camera, { recursive: true });
  makeClip(join(folder, 'clip.h264'));
  execFileSync('ffmpeg', ['-loglevel', 'error', '-framerate', '15', '-i', join(folder, 'clip.h264'), '-c', 'copy', join(folder, 'clip.mp4')]);
  execFileSync('ffmpeg', ['-loglevel', 'error', '-stream_loop', '-1', '-i', join(folder, 'clip.mp4'), '-t', String(MINUTES * 60), '-c', 'copy', '-f', 'segment', '-segment_time', '60', '-reset_timestamps', '1', '-segment_format', 'mp4',
    '-segment_format_options', 'movflags=+frag_keyframe+empty_moov+default_base_moof', join(camera, '%03d.mp4')]);
  for (const [minute, file] of readdirSync(camera).sort().entries()) renameSync(join(camera, file), join(camera, `${new Date(starts + minute * 60_000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z-bench0.mp4`));
  return Number(execFileSync('du', ['-sb', camera]).toString().split('\t')[0]);
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexFile } from '#streams/playback/boxIndex.ts';
import { writePlaylist } from '#streams/playback/playlist.ts';
import { openRecorder, type Recorder } from '#streams/recorder/recorder.ts';

let reason: string | null = null;
try { execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' }); } catch { reason = 'no ffmpeg on PATH'; }
if (reason !== null) console.warn(`skipped: ${reason}`);

const root = mkdtempSync(join(tmpdir(), 'sweep-'));
const camera = join(root, 'cam1');
const NAME = '20260105T010000Z-abc123.mp4';
const END = Date.UTC(2026, 0, 5, 1, 0, 10, 400);
const log = pino({ level: 'silent' });

describe.skipIf(reason !== null)('recordings found at start', () => {
  let recorder: Recorder;
  beforeAll(async () => {
    mkdirSync(camera, { recursive: true });
    // 10 s, a key frame a second, 10 frames a second: ten fragments of one second.
    execFileSync('ffmpeg', ['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=10:d=10', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-sc_threshold', '0',
      '-movflags', '+frag_keyframe+empty_moov+default_base_moof', join(camera, NAME)]);
    utimesSync(join(camera, NAME), END / 1000, END / 1000);
    // The same, cut off in its last fragment; one with a head only; an empty one.
    const torn = join(camera, '20260105T010100Z-abc123.mp4');
    writeFileSync(torn, readFileSync(join(camera, NAME)));
    truncateSync(torn, Math.floor((await indexFile(torn))?.fragments[9]?.offset ?? 0) + 300);
    utimesSync(torn, END / 1000 + 60, END / 1000 + 60);
    writeFileSync(join(camera, '20260105T010200Z-abc123.mp4'), readFileSync(join(camera, NAME)).subarray(0, 28));
    writeFileSync(join(camera, '20260105T010300Z-abc123.mp4'), '');
    writeFileSync(join(root, 'heartbeat.json'), JSON.stringify({ at: '2026-01-05T01:02:00.000Z', state: 'running' }));
    recorder = await openRecorder({ root, log, now: Date.now });
  });
  afterAll(() => recorder?.stop());

  it('are journaled with their time, and what cannot be played is removed with a line that says so', async () => {
    const entries = await recorder.journal.after(0, 100);
    expect(entries.map((one) => [one.type, 'file' in one ? one.file.slice(0, 13) : '', 'reason' in one ? one.reason : ''])).toEqual([
      ['segment', '20260105T0100', ''], ['segment', '20260105T0101', ''], ['deleted', '20260105T0102', 'torn'], ['deleted', '20260105T0103', 'torn'],
    ]);
    const [whole, torn] = recorder.catalogue.between('cam1', 0, Infinity);
    // Ten seconds up to the last write; the torn one lost its last second.
    expect(whole).toMatchObject({ fromMs: END - 10_000, toMs: END });
    expect((torn?.toMs ?? 0) - (torn?.fromMs ?? 0)).toBe(9000);
    expect(existsSync(join(camera, '20260105T010200Z-abc123.mp4'))).toBe(false);
  });

  it('play as HLS by byte ranges, with a discontinuity and the time of each file', async () => {
    const files = await recorder.playable('cam1', END - 9500, END + 52_000);
    const playlist = writePlaylist(files, END - 9500, END + 52_000) ?? '';
    const lines = playlist.split('\n');
    expect(lines.filter((one) => one.startsWith('#EXT-X-DISCONTINUITY')).length).toBe(1);
    expect(lines.filter((one) => one.startsWith('#EXT-X-PROGRAM-DATE-TIME'))).toEqual(['#EXT-X-PROGRAM-DATE-TIME:2026-01-05T01:00:00.400Z', '#EXT-X-PROGRAM-DATE-TIME:2026-01-05T01:01:01.400Z']);
    const extents = lines.filter((one) => one.startsWith('#EXT-X-BYTERANGE')).map((one) => one.slice(17).split('@').map(Number));
    // All ten of the first; of the second (begins 61 s on) only what begins before the end of the range.
    expect(extents.length).toBe(11);
    const [size = 0, at = 0] = extents[9] ?? [];
    expect(size + at).toBeLessThanOrEqual(statSync(join(camera, NAME)).size);
    // Head and fragments alone, put together, are a film of ten seconds.
    const map = /BYTERANGE="(\d+)@0"/.exec(playlist)?.[1];
    const bytes = readFileSync(join(camera, NAME));
    const joined = join(root, 'joined.mp4');
    writeFileSync(joined, Buffer.concat([bytes.subarray(0, Number(map)), ...extents.slice(0, 10).map(([length = 0, offset = 0]) => bytes.subarray(offset, offset + length))]));
    expect(execFileSync('ffprobe', ['-v', 'error', '-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', joined]).toString().trim()).toBe('100');
    expect(writePlaylist(files, END + 600_000, END + 700_000)).toBeNull();
  });

  it('that vanished are said to be missing at the next start, and a kill is a gap from the last sign of life', async () => {
    await recorder.note('cam1', 'online', null);
    const { unlinkSync } = await import('node:fs');
    await recorder.journal.close();
    unlinkSync(join(camera, NAME));
    writeFileSync(join(root, 'heartbeat.json'), JSON.stringify({ at: '2026-01-05T01:02:00.000Z', state: 'running' }));
    const next = await openRecorder({ root, log, now: Date.now });
    const entries = (await next.journal.after(5, 10)).map(({ seq: _seq, ...rest }) => rest);
    expect(entries).toMatchObject([{ type: 'deleted', file: NAME, reason: 'missing' }, { type: 'state', camera: 'cam1', at: '2026-01-05T01:02:00.000Z', gap: 'node_stopped' }]);
    await next.stop();
  });
});

/** Clips on the real thing: a simulated camera, its node, a bundle that ffmpeg can read and that `verify` believes, or not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import type { Clip, ClipManifest } from '#contract/recording.ts';
import { verifyBundle } from '#server/clips/verifyBundle.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

const hasFfmpeg = spawnSync('ffprobe', ['-version']).status === 0 && spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('skipped: clips need ffmpeg and ffprobe on the PATH');

async function readAll(path: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const zip = await yauzl.openPromise(path);
  for await (const entry of zip.eachEntry()) { const pieces: Buffer[] = []; for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer); files.set(entry.fileName, Buffer.concat(pieces)); }
  return files;
}
async function writeAll(path: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of files) zip.addBuffer(content, name, { compress: false });
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
  writeFileSync(path, Buffer.concat(pieces));
}

describe.skipIf(!hasFfmpeg)('a clip', () => {
  let centre: TestCentre;
  const folder = mkdtempSync(join(tmpdir(), 'clips-'));
  const bundle = join(folder, 'bundle.zip');
  let begun = 0;
  let manifest: ClipManifest;
  beforeAll(async () => {
    centre = await startTestCentre({ media: true });
    for (const id of ['quay-1', 'quay-2']) {
      await centre.database.query("INSERT INTO cameras (id, unit, counter, name, position, simulated, node) VALUES ($1, '26068', '1', $1, 'counter', '{\"scene\":\"counter\",\"seed\":4}', 'local')", [id]);
      await centre.database.query("INSERT INTO camera_ids (id, unit) VALUES ($1, '26068')", [id]);
    }
    await centre.createUser('inspector-here', ['inspector'], '26068');
    await centre.createUser('inspector-there', ['inspector'], '25993');
  });
  afterAll(async () => { await centre?.end(); rmSync(folder, { recursive: true, force: true }); });

  async function until<T>(what: string, ms: number, ask: () => Promise<T | null | undefined | false>): Promise<T> {
    for (const end = performance.now() + ms; ;) {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
      await new Promise((resolve) => { setTimeout(resolve, 300); });
    }
  }
  const iso = (at: number) => new Date(at).toISOString();
  const ask = (body: object, as = 'inspector-here') => centre.call<Clip & { code?: string; detail?: string }>('POST', '/clips', { as, body: { cameras: ['quay-1'], purpose: 'Phản ánh 1022 số 45', ...body } });
  const state = async (id: string, as = 'inspector-here') => (await centre.call<Clip>('GET', `/clips/${id}`, { as })).body;
  const finished = (id: string, ms = 150_000) => until(`clip ${id}`, ms, async () => { const now = await state(id); return now.state === 'done' || now.state === 'failed' ? now : null; });
  const download = async (id: string, headers: Record<string, string> = {}) => await fetch(`${centre.url}/api/v1/clips/${id}/download`, { headers: { cookie: await centre.cookieOf('inspector-here'), ...headers } });
  const framesOf = (path: string) => execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=pts_time', '-of', 'csv=p=0', path], { encoding: 'utf8' }).trim().split('\n').map((line) => Number(line.replace(/,.*$/, '')));

  it('is refused backwards, in the future, too long, of too many, or of cameras of others', async () => {
    const now = Date.now();
    expect((await ask({ from: iso(now), to: iso(now - 1000) })).body.code).toBe('bad_period');
    expect((await ask({ from: iso(now), to: iso(now + 3_600_000) })).body.code).toBe('bad_period');
    expect((await ask({ from: iso(now - 5 * 3_600_000), to: iso(now - 1000) })).body.code).toBe('clip_too_long');
    expect((await ask({ from: iso(now - 5000), to: iso(now - 1000), purpose: '' })).status).toBe(400);
    expect((await ask({ from: iso(now - 5000), to: iso(now - 1000), cameras: ['quay-1', 'nowhere'] })).status).toBe(404);
    expect((await ask({ from: iso(now - 5000), to: iso(now - 1000) }, 'inspector-there')).status).toBe(404);
    await centre.createUser('looks-only', ['operator'], '26068');
    expect((await ask({ from: iso(now - 5000), to: iso(now - 1000) }, 'looks-only')).status).toBe(403);
  });

  it('of two cameras, over a gap, cut to the second, comes as a bundle that says what it holds', async () => {
    const recording = async (id: string) => (await centre.call<{ recording: boolean; lastFrameAt: string | null; frameRate: number | null }>('GET', `/cameras/${id}`)).body;
    begun = Date.parse(await until('both record at their own pace', 90_000, async () => { const [a, b] = [await recording('quay-1'), await recording('quay-2')]; return [a, b].every((one) => one.recording && Math.abs((one.frameRate ?? 0) - 8) < 0.7) ? a.lastFrameAt : null; }));
    await until('some seconds of both', 30_000, async () => Date.parse((await recording('quay-1')).lastFrameAt ?? '') > begun + 12_000);
    // A gap: the first camera is switched off and on again.
    await centre.call('PATCH', '/cameras/quay-1', { body: { enabled: false } });
    await until('off', 20_000, async () => !(await recording('quay-1')).recording);
    await new Promise((resolve) => { setTimeout(resolve, 4000); });
    await centre.call('PATCH', '/cameras/quay-1', { body: { enabled: true } });
    const again = Date.parse(await until('on again', 30_000, async () => { const now = await recording('quay-1'); return now.recording && Math.abs((now.frameRate ?? 0) - 8) < 0.7 && now.lastFrameAt; }));
    await until('some more seconds', 30_000, async () => Date.parse((await recording('quay-1')).lastFrameAt ?? '') > again + 8_000);
    const [from, to] = [begun + 4000, again + 6000];
    const asked = await ask({ cameras: ['quay-1', 'quay-2'], from: iso(from), to: iso(to) });
    expect([asked.status, asked.body.state]).toEqual([202, 'queued']);
    const shares: number[] = [];
    await until('the clip', 150_000, async () => { const now = await state(asked.body.id); shares.push(now.progress); if (now.state === 'failed') throw new Error(`failed: ${now.cause}`); return now.state === 'done'; });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    const done = await state(asked.body.id);
    const answer = await download(done.id);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('accept-ranges'), bytes.length]).toEqual([200, 'application/zip', 'bytes', done.bytes]);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(done.sha256);
    writeFileSync(bundle, bytes);
    // Interrupted, and gone on with: the same bytes.
    const half = Math.floor(bytes.length / 2);
    const rest = await download(done.id, { range: `bytes=${half}-`, 'if-range': answer.headers.get('etag') ?? '' });
    expect([rest.status, Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(half))]).toEqual([206, true]);

    const files = await readAll(bundle);
    manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '{}') as ClipManifest;
    expect(manifest).toMatchObject({ format: 'toan-canh-clip/1', id: done.id, requestedBy: 'inspector-here', purpose: 'Phản ánh 1022 số 45', from: iso(from), to: iso(to) });
    const [first, second] = manifest.cameras;
    // Of a gap with several reasons the last is told: it was off, then coming back.
    const long = first?.gaps.filter((gap) => Date.parse(gap.to) - Date.parse(gap.from) > 3000) ?? [];
    expect([long.length, ['disabled', 'camera_away'].includes(long[0]?.reason ?? '')]).toEqual([1, true]);
    expect(second?.gaps).toEqual([]);
    for (const camera of manifest.cameras) {
      expect(camera.segments.every((one) => one.intact && one.chain !== null)).toBe(true);
      for (const file of camera.files) {
        const path = join(folder, file.name);
        writeFileSync(path, files.get(file.name) ?? Buffer.alloc(0));
        const frames = framesOf(path).filter((at) => at >= 0);
        // Simulated cameras give 8 pictures a second; nothing is encoded anew, and it begins at the second that was asked for.
        expect([file.name, Math.abs(frames.length - file.seconds * 8) < 5, (frames[0] ?? 9) < 0.13, Math.abs((frames.at(-1) ?? 0) - file.seconds) < 0.5]).toEqual([file.name, true, true, true]);
        const head = readFileSync(path).subarray(0, 200_000).toString('latin1');
        expect(head.indexOf('moov')).toBeLessThan(head.includes('mdat') ? head.indexOf('mdat') : Infinity);
      }
    }
    expect(Math.abs(Date.parse(second?.files[0]?.pieces[0]?.from ?? '') - from)).toBeLessThan(50);
    expect(first?.files.flatMap((file) => file.pieces).length).toBeGreaterThan(1);
    const { entries } = (await centre.call<{ entries: { action: string; actor: string; purpose: string | null }[] }>('GET', `/audit?subject=${done.id}`)).body;
    expect(entries).toMatchObject([{ action: 'clip.download', actor: 'inspector-here', purpose: 'Phản ánh 1022 số 45' }]);
    expect((await centre.call('GET', `/clips/${done.id}`, { as: 'inspector-there' })).status).toBe(404);
    expect((await centre.call('GET', `/clips/${done.id}/download`, { as: 'inspector-there' })).status).toBe(404);
  }, 240_000);

  it('is believed by verify; an altered byte, a missing or swapped file or segment, or another key is found', async () => {
    const key = readFileSync(join(centre.dataDir, 'keys', 'clip-signing.pub'), 'utf8');
    const check = (path: string, more: string[] = []) => spawnSync(process.execPath, ['--import', 'tsx', fromRoot('server/commands/verify.ts'), path, ...more], { encoding: 'utf8', env: { PATH: process.env.PATH, DATA_DIR: centre.dataDir }, timeout: 60_000 });
    const whole = check(bundle);
    expect([whole.status, whole.stderr]).toEqual([0, '']);
    expect(whole.stdout).toContain('as it was signed');
    const trusted = (await verifyBundle(bundle, null)).fingerprint ?? '';
    expect((await verifyBundle(bundle, trusted)).faults).toEqual([]);
    expect(key).toContain('PUBLIC KEY');

    const files = await readAll(bundle);
    const changed = join(folder, 'changed.zip');
    const faults = async (change: (files: Map<string, Buffer>) => void) => { const copy = new Map([...files].map(([name, content]) => [name, Buffer.from(content)])); change(copy); await writeAll(changed, copy); return (await verifyBundle(changed, trusted)).faults; };
    /** Signed anew by somebody who has another key, or (`own`) as if the centre itself had signed it. */
    const forge = (copy: Map<string, Buffer>, change: (manifest: ClipManifest) => void) => {
      const forged = JSON.parse(copy.get('manifest.json')?.toString() ?? '') as ClipManifest;
      change(forged);
      const text = Buffer.from(JSON.stringify(forged));
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      copy.set('manifest.json', text);
      copy.set('manifest.sig.json', Buffer.from(JSON.stringify({ ...JSON.parse(copy.get('manifest.sig.json')?.toString() ?? '') as object, publicKey: publicKey.export({ type: 'spki', format: 'pem' }), signature: sign(null, text, privateKey).toString('base64') })));
    };
    const video = manifest.cameras[0]?.files[0]?.name ?? '';
    const other = manifest.cameras[1]?.files[0]?.name ?? '';
    expect(await faults(() => undefined)).toEqual([]);
    expect((await faults((copy) => { const content = copy.get(video); if (content) content[5000] = (content[5000] ?? 0) ^ 1; })).join()).toContain(`${video} is not the file that was signed`);
    expect(check(changed).status).toBe(1);
    expect((await faults((copy) => { copy.delete(video); })).join()).toContain(`${video} is missing`);
    expect(await faults((copy) => { const content = copy.get(video); copy.set(video, copy.get(other) ?? Buffer.alloc(0)); copy.set(other, content ?? Buffer.alloc(0)); })).toHaveLength(2);
    expect((await faults((copy) => { copy.set('more.mp4', Buffer.from('x')); })).join()).toContain('not in the manifest');
    expect((await faults((copy) => { copy.set('manifest.json', Buffer.from((copy.get('manifest.json')?.toString() ?? '').replace('số 45', 'số 46'))); })).join()).toContain('the signature');
    expect((await faults((copy) => { forge(copy, () => undefined); })).join()).toContain('signed by another key');
    // Whoever could sign would still have to make the chain.
    expect((await faults((copy) => { forge(copy, (one) => { const segment = one.cameras[1]?.segments[0]; if (segment) segment.sha256 = 'f'.repeat(64); }); })).join()).toContain('is not what its chain says');
    const cut = readFileSync(bundle);
    writeFileSync(changed, cut.subarray(0, cut.length - 100));
    expect((await verifyBundle(changed, trusted)).faults.join()).toContain('no whole zip');
  }, 120_000);

  it('that is being made when the centre restarts is made after it, once; one that has expired is gone', async () => {
    const [old] = (await centre.call<{ clips: Clip[] }>('GET', '/clips', { as: 'inspector-here' })).body.clips;
    await centre.database.query("UPDATE clips SET expires_at = now() - interval '1 minute' WHERE id = $1", [old?.id]);
    // Its end lies in the minute that is being written: so it is under way for a while.
    const now = await until('recorded', 30_000, async () => { const { lastFrameAt, recording } = (await centre.call<{ recording: boolean; lastFrameAt: string | null }>('GET', '/cameras/quay-2')).body; return recording && lastFrameAt !== null && Date.parse(lastFrameAt); });
    const asked = await ask({ cameras: ['quay-2'], from: iso(begun + 4000), to: iso(now - 1000) });
    expect(asked.status).toBe(202);
    await until('begun', 20_000, async () => (await state(asked.body.id)).state === 'running');
    await centre.restart();
    expect(['queued', 'running']).toContain((await state(asked.body.id)).state);
    expect(await finished(asked.body.id)).toMatchObject({ state: 'done', cause: null });
    expect((await centre.database.query<{ attempts: number }>('SELECT attempts FROM clips WHERE id = $1', [asked.body.id])).rows[0]?.attempts).toBe(2);
    const path = join(folder, 'restarted.zip');
    writeFileSync(path, Buffer.from(await (await download(asked.body.id)).arrayBuffer()));
    const verdict = await verifyBundle(path, null);
    expect([verdict.faults, verdict.manifest?.cameras[0]?.segments.every((one) => one.intact)]).toEqual([[], true]);
    expect(readdirSync(join(centre.dataDir, 'exports', 'clips'))).toEqual([asked.body.id]);
    expect([(await state(old?.id ?? '')).state, (await download(old?.id ?? '')).status]).toEqual(['expired', 409]);
  }, 240_000);

  it('of a time in which nothing was recorded fails with that cause', async () => {
    const asked = await ask({ from: iso(begun - 3_600_000), to: iso(begun - 3_540_000) });
    expect(await finished(asked.body.id)).toMatchObject({ state: 'failed', cause: 'no_recording' });
    expect((await download(asked.body.id)).status).toBe(409);
  }, 60_000);
});

/** A centre with two media nodes on other machines, as real processes: keys, who has which camera, and what happens when one dies or is cut off. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CameraRow, RecordingSpans } from '#contract/camera.ts';
import type { Clip } from '#contract/recording.ts';
import { verifyBundle } from '#server/clips/verifyBundle.ts';
import type { NodeRow } from '#contract/mediaNode.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { startClipCameras, type ClipCameras } from '../support/clipCameras.ts';
import { startLine, type Line } from '../support/cuttable.ts';
import { startMediaNode, type RunningNode } from '../support/mediaNode.ts';
import { makeClip } from '../support/rtspCamera.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('skipped: media nodes need ffmpeg on the PATH to record');
const IDS = ['nodes-1', 'nodes-2', 'nodes-3', 'nodes-4'];

describe.skipIf(!hasFfmpeg)('two media nodes of one centre', () => {
  const folder = mkdtempSync(join(tmpdir(), 'two-nodes-'));
  let centre: TestCentre;
  let cameras: ClipCameras;
  const nodes = new Map<string, { key: string; line: Line; running: RunningNode }>();
  const startedAt = Date.now();
  beforeAll(async () => {
    makeClip(join(folder, 'clip.h264'));
    cameras = await startClipCameras(join(folder, 'clip.h264'));
    centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
  }, 60_000);
  afterAll(async () => {
    await Promise.all([...nodes.values()].map(async (node) => { await node.running.stop(); await node.line.stop(); }));
    await cameras?.stop();
    await centre?.end();
    rmSync(folder, { recursive: true, force: true });
  }, 40_000);

  const run = (id: string, key: string, line: Line): RunningNode => startMediaNode({ centreUrl: line.url, secret: key, dataDir: join(folder, id), id });
  const list = async (): Promise<Record<string, NodeRow>> => Object.fromEntries((await centre.call<{ nodes: NodeRow[] }>('GET', '/nodes')).body.nodes.map((one) => [one.id, one]));
  const nodeOf = async (): Promise<Record<string, string>> => Object.fromEntries((await centre.database.query<{ id: string; node: string }>('SELECT id, node FROM cameras ORDER BY id')).rows.map((row) => [row.id, row.node]));
  const allRecorded = async (): Promise<boolean> => (await centre.call<{ cameras: CameraRow[] }>('GET', '/cameras')).body.cameras.every((one) => one.state === 'online' && one.recording);
  const iso = (at: number): string => encodeURIComponent(new Date(at).toISOString());
  const spansOf = async (camera: string, from: number, to: number): Promise<RecordingSpans> => (await centre.call<RecordingSpans>('GET', `/cameras/${camera}/recordings?from=${iso(from)}&to=${iso(to)}`)).body;
  async function until(what: string, ms: number, ask: () => Promise<boolean> | boolean): Promise<number> {
    const began = performance.now();
    while (!await ask()) {
      if (performance.now() - began > ms) throw new Error(`not within ${ms} ms: ${what}\n${[...nodes].map(([id, node]) => `${id}: ${node.running.log().slice(-4).join('\n')}`).join('\n')}`);
      await sleep(200);
    }
    return performance.now() - began;
  }
  /** [from, to) of each fragment of a playlist, in milliseconds. */
  async function fragments(camera: string, from: number, to: number): Promise<[number, number][]> {
    const answer = await centre.call<string>('GET', `/cameras/${camera}/playlist.m3u8?from=${iso(from)}&to=${iso(to)}`);
    expect(answer.status, JSON.stringify(answer.body).slice(0, 200)).toBe(200);
    const found: [number, number][] = [];
    let at = 0;
    for (const line of answer.body.split('\n')) {
      if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) at = Date.parse(line.slice(25));
      if (line.startsWith('#EXTINF:')) { const ends = at + Number.parseFloat(line.slice(8)) * 1000; found.push([at, ends]); at = ends; }
    }
    return found;
  }

  it('come with keys of their own: told once, hashed, good for one node', async () => {
    for (const id of ['node-a', 'node-b']) {
      const made = await centre.call<{ key: string }>('POST', '/nodes', { body: { id, name: `Máy ${id}`, capacity: 10 } });
      expect(made.status).toBe(201);
      const line = await startLine(centre.url);
      nodes.set(id, { key: made.body.key, line, running: run(id, made.body.key, line) });
    }
    expect((await centre.call('POST', '/nodes', { body: { id: 'node-a', name: 'x' } })).status).toBe(409);
    const kept = await centre.database.query<{ kept: string }>('SELECT media_nodes::text AS kept FROM media_nodes');
    for (const { key } of nodes.values()) expect(kept.rows.some((row) => row.kept.includes(key))).toBe(false);
    const report = { node: 'node-b', startedAt: new Date().toISOString(), gateway: 'http://127.0.0.1:9', cameras: [], viewers: [], disk: null, relay: { state: 'up', restarts: 0, residentBytes: null }, ffmpeg: { version: '5', bundled: false, warning: null } };
    const say = async (key: string): Promise<number> => (await centre.call('POST', '/node/report', { as: null, headers: { authorization: `Bearer ${key}` }, body: report })).status;
    expect([await say(nodes.get('node-a')?.key ?? ''), await say('x'.repeat(43))]).toEqual([401, 401]);
    await until('both report', 30_000, async () => Object.values(await list()).filter((one) => one.state === 'here' && one.disk !== null).length === 2);
    const { 'node-a': seen, local } = await list();
    expect(seen).toMatchObject({ name: 'Máy node-a', own: false, capacity: 10, viewers: 0, left: 0, disk: { state: 'ready' } });
    expect([seen?.version, local?.own, local?.state]).toEqual([expect.stringMatching(/^\d+\./), true, 'never']);
  }, 60_000);

  it('share new cameras by room', async () => {
    for (const id of IDS) expect((await centre.call('POST', '/cameras', { body: { id, unit: '75', name: id, position: 'counter', url: cameras.url(id) } })).status).toBe(201);
    expect(Object.values(await nodeOf()).sort()).toEqual(['node-a', 'node-a', 'node-b', 'node-b']);
    await until('all recorded', 40_000, allRecorded);
    await centre.call('POST', '/recordings/purpose', { body: { purpose: 'to test the nodes' } });
  }, 60_000);

  let died = 0;
  it('when one is killed, its cameras are recorded by the other within 30 s, and what is missing has its reason', async () => {
    // The centre has been there for long enough to judge.
    await sleep(Math.max(3000, startedAt + 30_000 - Date.now()));
    const mine = Object.entries(await nodeOf()).filter(([, node]) => node === 'node-a').map(([id]) => id);
    died = Date.now();
    process.kill(nodes.get('node-a')?.running.pid ?? 0, 'SIGKILL');
    await until('moved', 30_000, async () => Object.values(await nodeOf()).every((node) => node === 'node-b'));
    await until('recorded again', 30_000 - (Date.now() - died), allRecorded);
    console.info(`moved and recorded again after ${Date.now() - died} ms`);
    const [camera = ''] = mine;
    const ticket = await centre.call<{ url: string }>('POST', `/cameras/${camera}/live-ticket`, { body: { quality: 'sub', transport: 'ws' } });
    expect(ticket.body.url).toMatch(/^\/media\/node-b\//);
    const { gaps } = await spansOf(camera, died - 5000, Date.now());
    expect(gaps.filter((gap) => gap.reason !== 'not_yet').map((gap) => gap.reason), JSON.stringify(gaps)).toEqual(expect.arrayContaining(['node_away']));
    expect((await list())['node-a']).toMatchObject({ state: 'away', cameras: { all: 0 }, left: 2 });
  }, 90_000);

  it('the one that returns does not record what was given away, and brings back what it had recorded', async () => {
    const back = nodes.get('node-a');
    if (!back) throw new Error('no node');
    back.running = run('node-a', back.key, back.line);
    await until('here', 20_000, async () => (await list())['node-a']?.state === 'here');
    await sleep(4000);
    expect(back.running.log().some((line) => line.includes('frames_flow'))).toBe(false);
    const camera = (await centre.database.query<{ camera: string }>("SELECT camera FROM camera_nodes WHERE node = 'node-a' ORDER BY camera LIMIT 1")).rows[0]?.camera ?? '';
    await until('its journal', 10_000, async () => ((await centre.database.query("SELECT FROM segments WHERE camera = $1 AND node = 'node-a'", [camera])).rowCount ?? 0) > 0);
    const { gaps, spans } = await spansOf(camera, died - 5000, Date.now());
    // Recorded up to the death, but for one group of pictures and a second.
    expect(died - Date.parse(spans[0]?.to ?? ''), JSON.stringify({ spans, gaps, died })).toBeLessThan(2100);
    expect(gaps.filter((gap) => gap.reason !== 'not_yet').map((gap) => gap.reason), JSON.stringify({ spans, gaps })).toEqual(['node_moved']);
    // One playlist of both nodes, each fragment after the one before.
    const played = await fragments(camera, died - 10_000, Date.now());
    expect(played.length).toBeGreaterThan(10);
    expect(played.every(([from], i) => i === 0 || from >= (played[i - 1]?.[1] ?? 0) - 20)).toBe(true);
    const picture = await centre.call('GET', `/cameras/${camera}/thumbnail?at=${iso(died - 6000)}`);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    // Nothing goes back by itself.
    expect(Object.values(await nodeOf()).every((node) => node === 'node-b')).toBe(true);
  }, 60_000);

  it('one that is cut off from the centre goes on recording; what both recorded is there once', async () => {
    const away = nodes.get('node-b');
    const cutAt = Date.now();
    away?.line.cut(true);
    await until('moved', 30_000, async () => Object.values(await nodeOf()).every((node) => node === 'node-a'));
    const movedAt = Date.now();
    await until('recorded again', 15_000, allRecorded);
    // Both record now.
    await sleep(8000);
    away?.line.cut(false);
    await until('the first answer ends it', 15_000, async () => (await list())['node-b']?.state === 'here' && (await list())['node-b']?.cameras.recorded === 0);
    const healedAt = Date.now();
    const twice = async (camera: string): Promise<number> => (await centre.database.query('SELECT FROM segments a JOIN segments b ON a.camera = b.camera AND a.node < b.node AND a.starts < b.ends AND b.starts < a.ends WHERE a.camera = $1', [camera])).rowCount ?? 0;
    await until('the catalogue has both', 80_000, async () => await twice('nodes-1') > 0);
    const { spans, gaps } = await spansOf('nodes-1', cutAt - 5000, healedAt);
    // It never stopped, as the one that was cut off had gone on.
    expect(gaps.filter((gap) => gap.reason !== 'not_yet'), JSON.stringify({ spans, gaps })).toEqual([]);
    expect(spans).toHaveLength(1);
    const played = await fragments('nodes-1', cutAt - 5000, healedAt);
    expect(played.every(([from], i) => i === 0 || from >= (played[i - 1]?.[1] ?? 0) - 20)).toBe(true);
    const shown = played.reduce((sum, [from, to]) => sum + to - from, 0);
    expect(Math.abs(shown - (healedAt - cutAt + 5000)), `${shown} of ${healedAt - cutAt + 5000}, moved after ${movedAt - cutAt}`).toBeLessThan(5000);
  }, 150_000);

  it('a clip of cameras that two nodes recorded is one bundle that the offline check believes', async () => {
    // Of one camera over its move from one node to the other, and of one that was never moved.
    // All of it is in closed files: a clip of the minute that is being written waits for its end.
    const to = Math.max(died + 40_000, Date.now() - 66_000);
    const asked = await centre.call<Clip>('POST', '/clips', { body: { cameras: ['nodes-1', 'nodes-3'], from: new Date(died - 8000).toISOString(), to: new Date(to).toISOString(), purpose: 'of two nodes' } });
    expect(asked.status, JSON.stringify(asked.body)).toBe(202);
    const state = async () => (await centre.call<Clip>('GET', `/clips/${asked.body.id}`)).body;
    await until('the clip', 150_000, async () => { const one = await state(); if (one.state === 'failed') throw new Error(one.cause ?? 'failed'); return one.state === 'done'; });
    const path = join(folder, 'two-nodes.zip');
    const answer = await fetch(`${centre.url}/api/v1/clips/${asked.body.id}/download`, { headers: { cookie: await centre.cookieOf('admin') } });
    writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
    const verdict = await verifyBundle(path, null);
    expect(verdict.faults).toEqual([]);
    const manifest = verdict.manifest;
    expect(new Set(manifest?.cameras.map((one) => one.node))).toEqual(new Set(['node-a', 'node-b']));
    expect(new Set(manifest?.cameras.map((one) => one.camera))).toEqual(new Set(['nodes-1', 'nodes-3']));
    for (const one of manifest?.cameras ?? []) expect(one.segments.every((segment) => segment.intact && segment.chain !== null)).toBe(true);
    for (const camera of ['nodes-1', 'nodes-3']) {
      const pieces = (manifest?.cameras ?? []).filter((one) => one.camera === camera).flatMap((one) => one.files.flatMap((file) => file.pieces)).map((piece) => [Date.parse(piece.from), Date.parse(piece.to)] as const).sort((a, b) => a[0] - b[0]);
      // Each moment once, whoever recorded it twice.
      expect(pieces.every(([from], i) => i === 0 || from >= (pieces[i - 1]?.[1] ?? 0) - 1100), JSON.stringify(pieces)).toBe(true);
      expect(pieces.reduce((sum, [from, end]) => sum + end - from, 0), JSON.stringify(pieces)).toBeGreaterThan((to - died) / 2);
    }
  }, 180_000);

  it('cameras go back by hand, and stay where they are pinned', async () => {
    expect((await centre.call('POST', '/nodes/node-b/cameras', { body: { cameras: ['nodes-1', 'nodes-2'] } })).body).toEqual({ moved: 2 });
    expect((await centre.call('POST', '/nodes/pins', { body: { camera: 'nodes-2', node: 'node-b' } })).status).toBe(200);
    expect((await centre.call('POST', '/nodes/pins', { body: { unit: '26068', node: 'node-a' } })).status).toBe(200);
    expect((await centre.call('POST', '/cameras', { body: { id: 'nodes-5', unit: '26068', name: 'x', position: 'counter', url: cameras.url('nodes-5') } })).status).toBe(201);
    expect(await nodeOf()).toEqual({ 'nodes-1': 'node-b', 'nodes-2': 'node-b', 'nodes-3': 'node-a', 'nodes-4': 'node-a', 'nodes-5': 'node-a' });
    await until('all recorded', 20_000, allRecorded);
  }, 40_000);

  it('a revoked one stops within five seconds; its cameras move, but for the pinned', async () => {
    expect((await centre.call('DELETE', '/nodes/local')).status).toBe(409);
    const revokedAt = performance.now();
    expect((await centre.call('DELETE', '/nodes/node-b')).status).toBe(204);
    await until('stopped', 5000, () => nodes.get('node-b')?.running.log().some((line) => line.includes('node_revoked')) === true);
    expect(performance.now() - revokedAt).toBeLessThan(5000);
    await until('moved', 10_000, async () => (await nodeOf())['nodes-1'] === 'node-a');
    expect((await nodeOf())['nodes-2']).toBe('node-b');
    expect((await list())['node-b']?.state).toBe('revoked');
    // A new key, and it is back.
    const again = await centre.call<{ key: string }>('POST', '/nodes/node-b/key');
    const node = nodes.get('node-b');
    if (!node) throw new Error('no node');
    await node.running.stop();
    node.running = run('node-b', again.body.key, node.line);
    await until('here again with the pinned camera', 40_000, allRecorded);
  }, 90_000);

  it('one whose disk broke records on an empty one once an administrator has accepted it; what lay on the other is a gap with that reason', async () => {
    const root = join(folder, 'node-a', 'recordings', 'node-a');
    await until('the catalogue has its recordings', 90_000, async () => ((await centre.database.query("SELECT FROM segments WHERE camera = 'nodes-3' AND node = 'node-a' AND deleted_at IS NULL")).rowCount ?? 0) > 0);
    const [first] = (await centre.database.query<{ starts: Date; ends: Date }>("SELECT starts, ends FROM segments WHERE camera = 'nodes-3' AND node = 'node-a' AND deleted_at IS NULL ORDER BY starts LIMIT 1")).rows;
    expect((await centre.call<{ code: string }>('POST', '/nodes/node-a/disk')).body.code).toBe('disk_in_use');
    renameSync(root, `${root}-broken`);
    mkdirSync(root);
    await until('away', 15_000, async () => (await list())['node-a']?.diskState === 'away');
    const accepted = await centre.call<{ disk: string; before: string }>('POST', '/nodes/node-a/disk');
    expect([accepted.status, accepted.body.disk === accepted.body.before], JSON.stringify(accepted.body)).toEqual([200, false]);
    await until('ready', 30_000, async () => (await list())['node-a']?.diskState === 'ready');
    await until('all recorded', 40_000, allRecorded);
    expect((await centre.database.query("SELECT FROM segments WHERE node = 'node-a' AND deleted_at IS NULL AND ends < $1", [first?.ends ?? new Date()])).rowCount).toBe(0);
    const { spans, gaps } = await spansOf('nodes-3', first?.starts.getTime() ?? 0, first?.ends.getTime() ?? 0);
    expect([spans, gaps.map((gap) => gap.reason)]).toEqual([[], ['disk_away']]);
    const { entries } = (await centre.call<{ entries: { action: string; actor: string; detail: { before: string } }[] }>('GET', '/audit?subject=node-a')).body;
    expect(entries.find((one) => one.action === 'node.disk')).toMatchObject({ actor: 'admin', detail: { before: accepted.body.before } });
  }, 200_000);
});

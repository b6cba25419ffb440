/** The whole media node as a process, against a camera that is not ours and the smallest centre. */
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { assignment, startFakeCentre, type FakeCentre } from '../support/fakeCentre.ts';
import { startMediaNode, type RunningNode } from '../support/mediaNode.ts';
import { makeClip, startRtspCamera, whyNoRtspCamera, type RtspCamera } from '../support/rtspCamera.ts';

const reason = whyNoRtspCamera();
if (reason !== null) console.warn(`skipped: ${reason}`);

const PASSWORD = 'canary-p@ss:w/d';
const dataDir = mkdtempSync(join(tmpdir(), 'media-node-'));
const clip = join(dataDir, 'clip.h264');
const folder = (camera: string): string => join(dataDir, 'recordings', 'local', camera);

async function until<T>(what: string, ms: number, ask: () => T | null | undefined | false | Promise<T | null | undefined | false>): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

describe.skipIf(reason !== null)('a media node', () => {
  let centre: FakeCentre;
  let camera: RtspCamera;
  let node: RunningNode;
  beforeAll(async () => {
    makeClip(clip);
    centre = await startFakeCentre();
    camera = await startRtspCamera(clip, { user: 'admin', password: PASSWORD });
    centre.orders.cameras = [
      assignment('door', { url: camera.url, username: 'admin', password: PASSWORD }),
      assignment('wrong', { url: camera.url, username: 'admin', password: 'wrong-one' }),
      assignment('missing', { url: `${camera.url}/nowhere`, username: 'admin', password: PASSWORD }),
      assignment('outside', { url: 'rtsp://192.0.2.7/cam' }),
      assignment('closed', { url: 'rtsp://127.0.0.1:9/cam' }),
      assignment('off', { url: camera.url, enabled: false }),
      assignment('drawn', { simulated: { scene: 'counter', label: "Phường Trấn Biên: 'quầy 1' %{pts}", seed: 3 } }),
    ];
    node = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir });
  });
  afterAll(async () => {
    await node?.stop();
    await camera?.pull();
    await centre?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const gateway = (): string => centre.report?.gateway ?? '';
  const centreHeaders = (): { authorization: string } => ({ authorization: `Bearer ${centre.secret}` });
  const stateOf = (id: string): string => `${centre.camera(id)?.state} ${centre.camera(id)?.reason ?? ''}`.trim();
  const isState = (id: string, state: string, ms = 15_000): Promise<boolean> => until(`${id} ${state}, last ${stateOf(id)}`, ms, () => stateOf(id) === state);

  /** Pictures that arrive within the time, over a WebSocket. */
  function watch(id: string, quality: 'main' | 'sub' = 'main') {
    const ticket = randomUUID();
    const socket = new WebSocket(`${gateway().replace('http', 'ws')}/live/${id}/${quality}?ticket=${centre.ticket(id, quality, { id: ticket })}`);
    const state = { bytes: 0, messages: 0, code: 0, first: Buffer.alloc(0) as Buffer };
    socket.on('message', (data: Buffer) => { state.bytes += data.length; state.messages += 1; if (state.first.length === 0) state.first = data; });
    socket.on('close', (code) => { state.code = code; });
    socket.on('error', () => { state.code ||= 1; });
    return { socket, state, ticket };
  }

  it('brings its cameras up, and says of each other why not', async () => {
    await isState('door', 'online', 30_000);
    await isState('drawn', 'online', 30_000);
    await isState('wrong', 'offline wrong_password');
    await isState('missing', 'offline not_found');
    await isState('outside', 'offline address_forbidden');
    await isState('closed', 'offline refused');
    await isState('off', 'disabled disabled');
    await until('figures of the running camera', 10_000, () => (centre.camera('door')?.bitrateKbps ?? 0) > 100 && Math.abs((centre.camera('door')?.frameRate ?? 0) - 15) < 2);
    expect(centre.camera('door')?.recording).toBe(true);
  }, 60_000);

  it('shows the picture over WebSocket and HTTP, for a ticket, once', async () => {
    const { socket, state } = watch('door');
    await until('pictures', 6000, () => state.messages > 20);
    expect(state.first.toString('latin1', 0, 3)).toBe('FLV');
    expect(centre.report).not.toBeNull();
    await until('a viewer in the report', 5000, () => (centre.camera('door')?.viewers ?? 0) === 1);
    socket.terminate();
    const ticket = centre.ticket('drawn', 'main');
    const first = await fetch(`${gateway()}/live/drawn/main?ticket=${ticket}`);
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'video/x-flv']);
    expect(Buffer.from((await first.body?.getReader().read())?.value ?? []).toString('latin1', 0, 3)).toBe('FLV');
    const again = await fetch(`${gateway()}/live/drawn/main?ticket=${ticket}`);
    expect(again.status).toBe(403);
    expect(await again.json()).toMatchObject({ code: 'ticket_invalid' });
    expect((await fetch(`${gateway()}/live/wrong/main?ticket=${centre.ticket('wrong', 'main')}`)).status).toBe(503);
    expect((await fetch(`${gateway()}/live/nobody/main?ticket=${centre.ticket('nobody', 'main')}`)).status).toBe(404);
    const refused = watch('door');
    refused.socket.terminate();
  }, 30_000);

  it('shows the password nowhere: process list, log, files', async () => {
    const processes = execFileSync('ps', ['-eo', 'args', 'ww']).toString();
    expect(processes).toContain('rtsp://127.0.0.1');
    const ours = processes.split('\n').filter((line) => !line.includes('rtspCamera.py')).join('\n');
    expect(ours).not.toContain('canary-p');
    expect(ours).not.toContain(centre.secret);
    expect(node.log().join('\n')).not.toMatch(/canary|wrong-one|rtsp:\/\/(?!\[address)/);
    const kept = readFileSync(join(dataDir, 'recordings', 'local', 'assignments.json'), 'utf8');
    expect(kept).not.toMatch(/canary|wrong-one|admin/);
    expect(kept).not.toContain(centre.orders.ticketKey);
  });

  it('cuts a stream at once when its right has ended', async () => {
    const { state, ticket } = watch('door');
    await until('pictures', 6000, () => state.messages > 5);
    await until('the ticket in the report', 5000, () => centre.report?.viewers.includes(ticket));
    centre.orders.revoked = [ticket];
    await until('the cut', 5000, () => state.code === 4403);
    centre.orders.revoked = [];
  }, 20_000);

  it('plays back what was recorded, the growing file too', async () => {
    const now = Date.now();
    const iso = (ms: number): string => encodeURIComponent(new Date(ms).toISOString());
    const answer = await fetch(`${gateway()}/playlist/door?from=${iso(now - 600_000)}&to=${iso(now)}`, { headers: centreHeaders() });
    expect(answer.status).toBe(200);
    const playlist = await answer.text();
    const [, file = '', length = '0'] = /URI="segments\/([^"]+)",BYTERANGE="(\d+)@0"/.exec(playlist) ?? [];
    const head = await fetch(`${gateway()}/segments/door/${file}`, { headers: { ...centreHeaders(), range: `bytes=0-${Number(length) - 1}` } });
    expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([206, Number(length)]);
    const picture = await fetch(`${gateway()}/thumbnail/door?at=${iso(now - 4000)}`, { headers: centreHeaders() });
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect((await fetch(`${gateway()}/thumbnail/door?at=${iso(now - 900_000)}`, { headers: centreHeaders() })).status).toBe(404);
    for (const path of ['/playlist/door', '/health', '/segments/door/x']) expect((await fetch(`${gateway()}${path}`)).status, path).toBe(401);
    for (const path of ['/segments/door/..%2f..%2fassignments.json', '/segments/door/assignments.json', '/segments/..%2fdoor/x.mp4', '/playlist/door?from=x&to=y', `/playlist/door?from=${iso(now - 30 * 3_600_000)}&to=${iso(now)}`])
      expect([400, 404], path).toContain((await fetch(`${gateway()}${path}`, { headers: centreHeaders() })).status);
  }, 20_000);

  it('keeps recording and viewers when the relay is killed, and shows the picture again', async () => {
    const { state } = watch('door');
    await until('pictures', 6000, () => state.messages > 5);
    const runsOf = () => new Set(readdirSync(folder('door')).map((one) => one.split('-')[1]));
    const files = readdirSync(folder('door')).length;
    const runs = runsOf();
    const relayPid = Number(execFileSync('ps', ['-eo', 'pid,ppid,args', 'ww']).toString().split('\n').map((line) => line.trim().split(/\s+/)).find((one) => Number(one[1]) === node.pid && one.join(' ').includes('relay/entry'))?.[0]);
    expect(relayPid).toBeGreaterThan(1);
    const killedAt = performance.now();
    process.kill(relayPid, 'SIGKILL');
    await until('the death in the report', 6000, () => (centre.report?.relay.restarts ?? 0) === 1);
    const seen = state.messages;
    await until('pictures again', 6000, () => state.messages > seen + 10);
    expect(performance.now() - killedAt).toBeLessThan(8000);
    expect(state.code).toBe(0);
    expect(stateOf('door')).toBe('online');
    // The same run of ffmpeg writes on: no further file but that of a new minute.
    expect(runsOf()).toEqual(runs);
    expect(readdirSync(folder('door')).length - files).toBeLessThanOrEqual(1);
  }, 30_000);

  it('says when a camera is pulled, and has it back by itself', async () => {
    const { port } = camera;
    await camera.pull();
    await until('offline', 15_000, () => centre.camera('door')?.state === 'offline');
    expect(['ended', 'refused']).toContain(centre.camera('door')?.reason);
    await until('a journaled segment', 5000, () => centre.journal.some((one) => one.type === 'segment' && one.camera === 'door'));
    await new Promise((resolve) => { setTimeout(resolve, 3000); });
    camera = await startRtspCamera(clip, { port, user: 'admin', password: PASSWORD });
    await isState('door', 'online', 15_000);
  }, 60_000);

  it('says when a camera hangs', async () => {
    camera.hang();
    await isState('door', 'offline no_packets', 20_000);
  }, 30_000);

  it('closes the viewers of a camera that is switched off', async () => {
    const { state } = watch('drawn');
    await until('pictures', 6000, () => state.messages > 5);
    const drawn = centre.orders.cameras.find((one) => one.id === 'drawn');
    if (drawn) drawn.enabled = false;
    await until('the end', 6000, () => state.code === 4503);
    await isState('drawn', 'disabled disabled', 6000);
  }, 20_000);

  it('goes on without the centre, and hands over the journal when it is back', async () => {
    centre.away(true);
    await new Promise((resolve) => { setTimeout(resolve, 4000); });
    const known = centre.journal.length;
    const drawn = centre.orders.cameras.find((one) => one.id === 'drawn');
    if (drawn) drawn.enabled = true;
    centre.away(false);
    await isState('drawn', 'online', 15_000);
    await until('more of the journal', 10_000, () => centre.journal.length > known);
    expect(centre.journal.map((one) => one.seq)).toEqual(centre.journal.map((_, index) => index + 1));
  }, 40_000);

  it('stops within ten seconds with every file journaled as it is', async () => {
    const startedAt = performance.now();
    expect(await node.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    for (const id of ['door', 'drawn']) {
      const files = readdirSync(folder(id));
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        const entry = centre.journal.find((one) => one.type === 'segment' && one.file === file);
        expect(entry, file).toBeDefined();
        if (entry?.type !== 'segment') continue;
        const bytes = readFileSync(join(folder(id), file));
        expect([entry.bytes, entry.sha256]).toEqual([bytes.length, createHash('sha256').update(bytes).digest('hex')]);
        const seconds = Number(execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', join(folder(id), file)]).toString());
        expect(Math.abs((Date.parse(entry.to) - Date.parse(entry.from)) / 1000 - seconds)).toBeLessThan(0.2);
      }
    }
  }, 20_000);

  it('takes all its children with it when it is killed', async () => {
    const again = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir });
    await until('frames', 20_000, () => again.log().some((line) => line.includes('"frames_flow"')));
    const children = (): string[] => execFileSync('ps', ['-eo', 'pid,ppid,args', 'ww']).toString().split('\n').filter((line) => line.trim().split(/\s+/)[1] === String(again.pid));
    expect(children().length).toBeGreaterThan(1);
    const pids = children().map((line) => Number(line.trim().split(/\s+/)[0])).filter((pid) => pid !== again.pid);
    process.kill(again.pid, 'SIGKILL');
    const alive = (pid: number): boolean => { try { return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')); } catch { return false; } };
    await until('their end', 5000, () => !pids.some(alive));
  }, 40_000);
});

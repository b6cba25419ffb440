/** Live messages: a snapshot, consecutive patches, what a screen gets when it comes back, and the end of a right. */
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientToServer, Patch, ServerToClient, Snapshot } from '#contract/live.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let key: string;
const open: Socket[] = [];
beforeAll(async () => { centre = await startTestCentre(); key = await centre.keyFor(['dossiers', 'queue'], ['75']); await centre.createUser('district', ['operator'], '731'); });
afterAll(async () => { for (const socket of open) socket.disconnect(); await centre?.end(); });

async function connect(username: string): Promise<{ socket: Socket<ServerToClient, ClientToServer>; patches: Patch[]; snapshots: Snapshot[]; problems: { code: string }[] }> {
  const socket: Socket<ServerToClient, ClientToServer> = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: { cookie: await centre.cookieOf(username) }, forceNew: true, reconnection: false });
  open.push(socket as unknown as Socket);
  const seen = { socket, patches: [] as Patch[], snapshots: [] as Snapshot[], problems: [] as { code: string }[] };
  socket.on('patch', (patch) => seen.patches.push(patch));
  socket.on('snapshot', (snapshot) => seen.snapshots.push(snapshot));
  socket.on('problem', (problem) => seen.problems.push(problem));
  await new Promise<void>((resolve, reject) => { socket.on('connect', () => resolve()); socket.on('connect_error', reject); });
  return seen;
}
async function until(what: string, ask: () => boolean, ms = 10_000): Promise<void> {
  for (const end = performance.now() + ms; !ask();) { if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`); await new Promise((resolve) => { setTimeout(resolve, 50); }); }
}
const today = () => new Date(Date.now() - 60_000).toISOString();
let n = 0;
const event = (unit: string) => ({ eventId: `l${(n += 1)}`, dossier: `L${n}`, status: 'received', at: today(), unit, procedure: '1.004199' });

describe('live', () => {
  it('does not call a wait that has not ended a wait of zero', async () => {
    const wall = await connect('admin');
    await centre.send('queue', [{ eventId: 'q1', unit: '26080', ticket: 'A1', status: 'issued', at: today() }], key);
    wall.socket.emit('watch', { units: ['26080'], topics: ['queue'] });
    await until('the queue', () => wall.snapshots.at(-1)?.state.queue?.['26080'] !== undefined || wall.patches.some((patch) => patch.set.queue?.['26080'] !== undefined));
    const row = wall.patches.findLast((patch) => patch.set.queue?.['26080'] !== undefined)?.set.queue?.['26080'] ?? wall.snapshots.at(-1)?.state.queue?.['26080'];
    expect(row).toMatchObject({ waiting: 1, averageWaitSeconds: null, servedToday: 0 });
    // Nor one of which nobody knows when it began.
    await centre.send('queue', [{ eventId: 'q2', unit: '26080', ticket: 'A2', status: 'called', at: today(), counter: '1' }, { eventId: 'q3', unit: '26080', ticket: 'A2', status: 'no_show', at: today(), counter: '1' }], key);
    const last = () => wall.patches.findLast((patch) => patch.set.queue?.['26080'] !== undefined)?.set.queue?.['26080'];
    await until('the no-show', () => (last() as { noShowToday?: number } | undefined)?.noShowToday === 1);
    expect(last()).toMatchObject({ waiting: 1, averageWaitSeconds: null, p90WaitSeconds: null, openCounters: 1, servedToday: 0 });
  });
  it('gives a snapshot, then patches with consecutive numbers in which the changed figures stand', async () => {
    const wall = await connect('admin');
    wall.socket.emit('watch', { units: ['75'], topics: ['kpis', 'alerts'] });
    await until('snapshot', () => wall.snapshots.length === 1);
    const [snapshot] = wall.snapshots;
    expect(snapshot?.units.length).toBe(182);
    const before = (snapshot?.state.kpis?.['total:75'] as { today: { dossiers: { received: number } } }).today.dossiers.received;
    await centre.send('dossiers', [event('26068')], key);
    await until('desk row', () => wall.patches.some((patch) => patch.set.kpis?.['desk:26068'] !== undefined));
    await until('total row', () => wall.patches.some((patch) => (patch.set.kpis?.['total:75'] as { today?: { dossiers: { received: number } } } | undefined)?.today?.dossiers.received === before + 1));
    await new Promise((resolve) => { setTimeout(resolve, 4_500); });
    const numbers = wall.patches.map((patch) => patch.seq);
    expect(numbers).toEqual(numbers.map((_, i) => (snapshot?.seq ?? 0) + 1 + i));
    expect(wall.patches.length).toBeGreaterThanOrEqual(3); // a heart-beat at least every two seconds
  });

  it('gives what was missed, or a new snapshot: never silence', async () => {
    const wall = await connect('admin');
    wall.socket.emit('watch', { units: ['75'], topics: ['kpis'] });
    await until('snapshot', () => wall.snapshots.length === 1);
    await centre.send('dossiers', [event('25993')], key);
    await until('patches', () => wall.patches.length >= 2);
    const seen = wall.patches[0]?.seq ?? 0;
    wall.socket.disconnect();
    await centre.send('dossiers', [event('25993')], key);
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    const again = await connect('admin');
    again.socket.emit('resume', { seq: seen });
    await until('missed patches', () => again.patches.length >= 2);
    expect(again.patches[0]?.seq).toBe(seen + 1);
    expect(again.snapshots).toEqual([]);
    const late = await connect('admin');
    late.socket.emit('resume', { seq: 5 });
    await until('a new snapshot', () => late.snapshots.length === 1);
  });

  it('shows nothing from outside the scope, and refuses to watch it', async () => {
    const desk = await connect('district');
    desk.socket.emit('watch', { units: ['75'], topics: ['kpis'] });
    await until('a refusal', () => desk.problems.length === 1);
    expect(desk.problems[0]?.code).toBe('not_found');
    desk.socket.emit('watch', { units: ['731'], topics: ['kpis', 'queue', 'alerts', 'cameras', 'scenes'] });
    await until('snapshot', () => desk.snapshots.length === 1);
    expect(JSON.stringify(desk.snapshots[0])).not.toContain('desk:740');
    desk.socket.emit('watch', { units: ['731'], topics: ['__proto__'] as never });
    await until('a second refusal', () => desk.problems.length === 2);
    expect(desk.problems[1]?.code).toBe('invalid_request');
  });

  const watches = async () => Number(/^centre_live_watches (\d+)/m.exec((await (await fetch(`${centre.url}/metrics`)).text()))?.[1]);
  it('one account cannot fill the memory: its questions and its watches are bounded', async () => {
    const codes = (await centre.call<{ units: { code: string }[] }>('GET', '/units')).body.units.map((unit) => unit.code);
    const before = await watches();
    const flood = await connect('admin');
    for (const code of codes.slice(0, 60)) flood.socket.emit('watch', { units: [code], topics: ['queue'] });
    await until('the refusals', () => flood.problems.length >= 50);
    expect(flood.problems.every((one) => one.code === 'rate_limited')).toBe(true);
    // Many connections, each with a watch of its own.
    const many = await Promise.all(Array.from({ length: 40 }, () => connect('admin')));
    many.forEach((one, i) => one.socket.emit('watch', { units: [codes[i] ?? ''], topics: ['alerts'] }));
    await until('an answer to each', () => many.every((one) => one.snapshots.length + one.problems.length > 0));
    expect(many.filter((one) => one.problems[0]?.code === 'rate_limited').length).toBeGreaterThanOrEqual(10);
    for (const one of [flood, ...many]) one.socket.disconnect();
    await new Promise((resolve) => { setTimeout(resolve, 6_500); });
    expect(await watches() - before).toBeLessThanOrEqual(10);
  });
  it('keeps no watch of a screen that left before it was answered', async () => {
    await centre.createUser('hasty', ['leader'], '740');
    const under = (await centre.call<{ units: { code: string }[] }>('GET', '/units', { as: 'hasty' })).body.units.map((unit) => unit.code);
    const before = await watches();
    for (const code of under.slice(0, 8)) {
      const screen = await connect('hasty');
      // The totals of this unit are asked of the database first; the screen does not wait for them.
      screen.socket.emit('watch', { units: [code], topics: ['kpis'] });
      await new Promise((resolve) => { setTimeout(resolve, 1); });
      screen.socket.disconnect();
    }
    await new Promise((resolve) => { setTimeout(resolve, 2_000); });
    expect(await watches() - before).toBeLessThanOrEqual(5);
  });

  it('ends within five seconds of the session', async () => {
    await centre.createUser('leaving', ['leader'], '75');
    const wall = await connect('leaving');
    wall.socket.emit('watch', { units: ['75'], topics: ['queue'] });
    await until('snapshot', () => wall.snapshots.length === 1);
    await centre.call('DELETE', '/session', { as: 'leaving' });
    await until('disconnected', () => wall.socket.disconnected, 5_000);
  });

  it('does not open without a session, nor for a page of another site', async () => {
    for (const headers of [{}, { cookie: await centre.cookieOf('admin'), origin: 'https://evil.example' }]) {
      const socket = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: headers, forceNew: true, reconnection: false });
      await new Promise<void>((resolve, reject) => { socket.on('connect_error', () => resolve()); socket.on('connect', () => reject(new Error('it opened'))); });
      socket.disconnect();
    }
  });
});

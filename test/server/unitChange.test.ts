/** The night on which the tree changes, while the centre runs: the districts end, Bình Đa and others become Tam Hiệp. */
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KpiAnswer, UnitRow } from '#contract/figures.ts';
import type { ClientToServer, DeskRow, ServerToClient, Snapshot } from '#contract/live.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let now = new Date('2025-06-30T23:50:00+07:00');
let socket: Socket<ServerToClient, ClientToServer>;
const snapshots: Snapshot[] = [];
beforeAll(async () => { centre = await startTestCentre({ environment: { UNIT_TREE: 'history' }, now: () => now }); });
afterAll(async () => { socket?.disconnect(); await centre?.end(); });

async function until(what: string, ask: () => boolean, ms = 30_000): Promise<void> {
  for (const end = performance.now() + ms; !ask();) { if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`); await new Promise((resolve) => { setTimeout(resolve, 50); }); }
}
/** Asks for new snapshots, no faster than a screen may. */
async function asked(what: string, ask: () => boolean): Promise<void> {
  const again = setInterval(() => { socket.emit('watch', { units: ['75'], topics: ['kpis'] }); }, 2_000);
  try { await until(what, ask); } finally { clearInterval(again); }
}
const desk = (snapshot: Snapshot | undefined, unit: string) => snapshot?.state.kpis?.[`desk:${unit}`] as DeskRow | undefined;

describe('the midnight of a change', () => {
  it('gives screens the new tree, with what the former units left open, and scopes follow', async () => {
    const key = await centre.keyFor(['dossiers'], ['75']);
    await centre.createUser('binh-da', ['leader'], '26047');
    const received = (dossier: string, unit: string) => ({ eventId: dossier, dossier, status: 'received', at: '2025-06-30T10:00:00+07:00', unit, procedure: '1.004199' });
    expect((await centre.send('dossiers', [received('O1', '26047'), received('O2', '26017'), received('O3', '26449'), received('O4', '731')], key)).body.accepted).toBe(4);
    socket = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: { cookie: await centre.cookieOf('admin') }, forceNew: true, reconnectionDelay: 100 });
    socket.on('snapshot', (snapshot) => snapshots.push(snapshot));
    socket.on('connect', () => { socket.emit('watch', { units: ['75'], topics: ['kpis'] }); });
    await until('the first snapshot', () => snapshots.length > 0);
    await asked('what came in', () => desk(snapshots.at(-1), '26017')?.pending === 1);
    expect(snapshots[0]?.units.length).toBe(182);
    expect((await centre.call('GET', '/kpis?unit=26047', { as: 'binh-da' })).status).toBe(200);

    now = new Date('2025-07-01T00:00:01+07:00');
    // The round of the clock, every ten seconds, makes all desks anew.
    await until('a snapshot of the new tree', () => snapshots.at(-1)?.units.length === 107);
    await asked('its desks', () => desk(snapshots.at(-1), '26017')?.pending === 2);
    expect([desk(snapshots.at(-1), '26359')?.pending, desk(snapshots.at(-1), '26047'), desk(snapshots.at(-1), '731')]).toEqual([1, undefined, undefined]);
    const units = (await centre.call<{ units: UnitRow[] }>('GET', '/units')).body.units;
    expect([units.length, units.some((unit) => unit.level === 'district')]).toEqual([107, false]);
    const kpis = (await centre.call<KpiAnswer>('GET', '/kpis?unit=75&from=2025-06-30&to=2025-07-01&by=unit')).body;
    expect([kpis.dossiers.pending, kpis.rows?.find((row) => row.key === '26017')?.dossiers.pending]).toEqual([4, 2]);
    // A unit that is no more has nobody who sees it by it.
    expect((await centre.call('GET', '/kpis?unit=26047', { as: 'binh-da' })).status).toBe(404);
  }, 90_000);
});

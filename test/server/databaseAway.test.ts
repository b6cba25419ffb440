/** The database goes away and comes back: nothing acknowledged is lost, the last figures stay up and grow old, all returns by itself. */
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Patch, Snapshot } from '#contract/live.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { startUnsteadyDatabase, type UnsteadyDatabase } from '../support/unsteadyDatabase.ts';

let database: UnsteadyDatabase;
let centre: TestCentre;
let key: string;
beforeAll(async () => { database = await startUnsteadyDatabase(); centre = await startTestCentre({ environment: { DATABASE_URL: database.url } }); key = await centre.keyFor(['dossiers'], ['75']); });
afterAll(async () => { await centre?.end(); await database?.end(); });
/** Sent again it is the same event: also its time. */
const at = new Date(Date.now() - 60_000).toISOString();
const event = (n: number) => ({ eventId: `away-${n}`, dossier: `AWAY-${n}`, status: 'received', at, unit: '26068', procedure: '1.004199' });
const received = async () => (await centre.call<{ dossiers: { received: number } }>('GET', '/kpis?unit=75')).body.dossiers.received;
async function until(what: string, ask: () => Promise<boolean>, ms: number): Promise<void> {
  for (const end = performance.now() + ms; !(await ask());) { if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`); await new Promise((resolve) => { setTimeout(resolve, 250); }); }
}

describe('a database that is away', () => {
  it('is told with 503, a cause, a next step and Retry-After; screens keep what they have, and everything returns by itself', async () => {
    const socket = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: { cookie: await centre.cookieOf('admin') }, forceNew: true, reconnection: false });
    const heard: (Snapshot | Patch)[] = [];
    let dropped = false;
    socket.on('snapshot', (message: Snapshot) => heard.push(message)).on('patch', (patch: Patch) => heard.push(patch)).on('disconnect', () => { dropped = true; });
    await new Promise<void>((resolve) => { socket.on('connect', () => { resolve(); }); });
    socket.emit('watch', { units: ['75'], topics: ['kpis'] });
    await until('a snapshot', async () => heard.length > 0, 15_000);
    expect((await centre.send('dossiers', [event(1), event(2)], key)).body.accepted).toBe(2);

    await database.close();
    await until('503', async () => (await centre.send('dossiers', [event(3)], key)).status === 503, 10_000);
    const refused = await centre.send('dossiers', [event(3)], key);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.body).toMatchObject({ code: 'database_away', messages: { vi: { next: expect.any(String) } } });
    expect((await fetch(`${centre.url}/readyz`)).status).toBe(503);
    // Alive all the same: a supervisor must not kill a centre whose database is away.
    expect((await fetch(`${centre.url}/healthz`)).status).toBe(200);
    expect(dropped).toBe(false);
    // No heart-beat without a database: that is how a screen knows that its figures grow old.
    const before = heard.length;
    await new Promise((resolve) => { setTimeout(resolve, 3_000); });
    expect(heard.length).toBe(before);

    await database.open();
    await until('the event is taken', async () => (await centre.send('dossiers', [event(3)], key)).status === 200, 20_000);
    expect(await received()).toBe(3);
    expect((await centre.send('dossiers', [event(1), event(2), event(3)], key)).body.duplicates).toBe(3);
    const count = heard.length;
    await until('the screen hears again', async () => heard.length > count, 15_000);
    socket.disconnect();
  }, 90_000);

  it('in the middle of many requests loses nothing that was acknowledged, and doubles nothing', async () => {
    const before = await received();
    let n = 100;
    const acknowledged = new Set<number>();
    for (let round = 0; round < 4; round += 1) {
      const sent: Promise<void>[] = [];
      for (let request = 0; request < 8; request += 1) {
        const mine = Array.from({ length: 200 }, () => (n += 1));
        sent.push(centre.send('dossiers', mine.map(event), key).then((answer) => { if (answer.status === 200) for (const one of mine) acknowledged.add(one); else expect(answer.status).toBe(503); }));
      }
      await new Promise((resolve) => { setTimeout(resolve, 20 + round * 45); });
      await database.close();
      await Promise.all(sent);
      await database.open();
      await until('ready', async () => (await fetch(`${centre.url}/readyz`)).ok, 20_000);
    }
    expect(await received()).toBeGreaterThanOrEqual(before + acknowledged.size);
    for (let from = 101; from <= n; from += 500) expect((await centre.send('dossiers', Array.from({ length: Math.min(500, n - from + 1) }, (_, i) => event(from + i)), key)).status).toBe(200);
    expect(await received()).toBe(before + n - 100);
  }, 120_000);

  it('that hangs is not waited for without end', async () => {
    const known = await received();
    database.freeze();
    const asked = performance.now();
    const answer = await centre.send('dossiers', [event(4)], key);
    expect(answer.status).toBe(503);
    expect(performance.now() - asked).toBeLessThan(60_000);
    await database.open();
    await until('the event is taken', async () => (await centre.send('dossiers', [event(4)], key)).status === 200, 30_000);
    expect(await received()).toBe(known + 1);
  }, 150_000);
});

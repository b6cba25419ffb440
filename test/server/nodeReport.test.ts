/** What media nodes send to the centre, as large as the cameras of a province make it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NodeReport } from '#contract/node.ts';
import { openSeal } from '#server/access/seal.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let secret: string;
beforeAll(async () => {
  centre = await startTestCentre();
  const row = (await centre.database.query<{ secret_sealed: Buffer }>("SELECT secret_sealed FROM media_nodes WHERE id = 'local'")).rows[0];
  secret = (await openSeal(centre.dataDir)).open(row?.secret_sealed ?? Buffer.alloc(0));
});
afterAll(async () => { await centre?.end(); });
const send = (path: string, body: unknown, bearer = secret) => centre.call<{ journalUpTo?: number; code?: string }>('POST', `/node/${path}`, { as: null, body, headers: { authorization: `Bearer ${bearer}` } });

it('takes the report of a thousand cameras, each with all that can be said of it', async () => {
  const at = new Date().toISOString();
  const names = Array.from({ length: 1000 }, (_, i) => `phuong-co-ten-rat-dai-nhat-quay-so-${i}`);
  const report: NodeReport = {
    node: 'local', startedAt: at, gateway: 'http://127.0.0.1:9',
    cameras: names.map((id) => ({ id, state: 'online', reason: null, since: at, bitrateKbps: 1234, frameRate: 14.9, lastFrameAt: at, recording: true, viewers: 3, picture: { checkedAt: at, unchecked: null, finding: 'covered', since: at, warnings: ['moved', 'out_of_focus', 'wrong_time'], referenceOf: at, clockSeconds: 1.234, cpuSeconds: 0.0612345, dropped: 123 } })),
    viewers: [], disk: { freeBytes: 1e12, totalBytes: 2e12 }, storage: { state: 'ready', floorBytes: 1e9, cameras: names.map((camera) => ({ camera, bytes: 123_456_789_012, heldBytes: 1, perDay: 12_345_678_901, from: at })) },
    holds: Array.from({ length: 2000 }, (_, i) => String(1_000_000 + i)), relay: { state: 'up', restarts: 0, residentBytes: 1e8 }, ffmpeg: { version: '5.1', bundled: false, warning: null },
  };
  expect(await send('report', report)).toMatchObject({ status: 200, body: { journalUpTo: 0 } });
  expect((await send('report', report, 'x'.repeat(43))).status).toBe(401);
});

it('refuses what is no JSON or not what it should be, as a mistake of the sender', async () => {
  for (const path of ['report', 'journal', 'minutes']) for (const body of ['{', '[]', '{"node":1}', '\0']) expect([path, body, (await send(path, body)).status]).toEqual([path, body, 400]);
});

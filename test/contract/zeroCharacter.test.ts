/** Generated from the route table: a character that the database cannot keep is the sender's mistake, on every route, in every place. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
beforeAll(async () => { centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' } }); });
afterAll(async () => { await centre?.end(); });

it('in an address or a question is refused, and breaks nothing', async () => {
  const broken: string[] = [];
  let asked = 0;
  for (const route of centre.routes) {
    if (route.access === 'key' || route.access === 'node') continue;
    const names = route.query instanceof z.ZodObject ? Object.keys(route.query.shape) : [];
    const paths = [...(route.path.includes(':') ? [route.path.replace(/:\w+/g, 'a%00b')] : []), ...names.map((name) => `${route.path.replace(/:\w+/g, 'x')}?${name}=a%00b`)];
    for (const path of paths) {
      const { status } = await centre.call(route.method.toUpperCase(), path, route.method === 'get' ? {} : { body: {} });
      asked += 1;
      if (status >= 500) broken.push(`${route.method} ${path}: ${status}`);
    }
  }
  expect(asked).toBeGreaterThan(50);
  expect(broken).toEqual([]);
}, 60_000);

it('in what is written about a camera is refused, and so are characters that mislead who reads', async () => {
  const camera = { id: 'zero', unit: '26068', name: 'x', position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false };
  expect((await centre.call('POST', '/cameras', { body: camera })).status).toBe(201);
  const range = { from: '2026-01-01T08:00:00+07:00', to: '2026-01-01T08:01:00+07:00' };
  for (const bad of ['\0', '\u202e', '\r\nX: y', '\ud800']) {
    const text = `Quầy ${bad} một`;
    const bodies: [string, string, object][] = [
      ['POST', '/cameras', { ...camera, id: 'other', name: text }], ['PATCH', '/cameras/zero', { counter: text }], ['PATCH', '/cameras/zero', { username: text }],
      ['POST', '/holds', { camera: 'zero', ...range, reason: text }], ['POST', '/clips', { cameras: ['zero'], ...range, purpose: text }],
    ];
    for (const [method, path, body] of bodies) expect([path, text, (await centre.call(method, path, { body })).status]).toEqual([path, text, 400]);
  }
});

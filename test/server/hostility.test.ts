/** What must hold against strangers whatever the page or the route: names that JavaScript knows, headers, one port. Made from the table of routes. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestCentre, unlimited, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
beforeAll(async () => { centre = await startTestCentre({ change: unlimited }); });
afterAll(async () => { await centre?.end(); });
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

it('a name that every object has is no unit, camera, figure, account or anything else: refused in each place of each route, never found, never a fault', async () => {
  const wrong: string[] = [];
  let asked = 0;
  for (const route of centre.routes) {
    if (typeof route.access === 'string' && route.access !== 'session' && route.access !== 'public') continue;
    const properties = route.query === undefined ? {} : (z.toJSONSchema(route.query, { io: 'input', unrepresentable: 'any' }) as { properties?: Record<string, unknown> }).properties ?? {};
    const places = [...[...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({ param: name, field: null })), ...Object.keys(properties).map((field) => ({ param: null, field }))];
    for (const { param, field } of places) for (const name of NAMES) {
      const path = route.path.replace(/:(\w+)/g, (_, one: string) => (one === param ? name : 'received'));
      // Free texts by which one searches may be any: they find nothing, and say so with an empty list.
      const query = route.method === 'get' ? `?${new URLSearchParams({ ...('unit' in properties ? { unit: '75' } : {}), ...('from' in properties ? { from: '2026-01-01', to: '2026-01-02' } : {}), ...(field === null ? {} : { [field]: name }) }).toString()}` : '';
      const { status } = await centre.call<unknown>(route.method.toUpperCase(), `${path}${query}`, { body: route.method === 'get' || route.method === 'delete' ? undefined : {} });
      asked += 1;
      if (status >= 500 || (param !== null && status < 400) || (['unit', 'from', 'to', 'at', 'by', 'tree', 'period'].includes(field ?? '') && status < 400)) wrong.push(`${route.method} ${path}${query} → ${status}`);
    }
  }
  expect(asked).toBeGreaterThan(200);
  expect(wrong).toEqual([]);
}, 120_000);

it('pages, answers and errors come with a policy that lets no inline script or style in, and with the other headers', async () => {
  for (const path of ['/', '/admin/users', '/api/v1/public/figures', '/api/v1/nothing', '/api/docs', '/healthz', '/nothing.js']) {
    const { headers } = await fetch(`${centre.url}${path}`);
    const policy = headers.get('content-security-policy') ?? '';
    expect([path, /script-src 'self'(;|$)/.test(policy), /style-src 'self'(;|$)/.test(policy), /object-src 'none'/.test(policy), /frame-ancestors 'none'/.test(policy), /base-uri 'none'/.test(policy), /unsafe|\*/.test(policy)]).toEqual([path, true, true, true, true, true, false]);
    expect([path, headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('x-powered-by')]).toEqual([path, 'nosniff', 'same-origin', null]);
  }
});

it('listens at one address, on this machine alone where nothing else was chosen', () => {
  const inodes = new Set(readdirSync('/proc/self/fd').flatMap((fd) => { try { return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? []; } catch { return []; } }));
  const listening = ['tcp', 'tcp6'].flatMap((kind) => readFileSync(`/proc/self/net/${kind}`, 'utf8').split('\n').slice(1).map((line) => line.trim().split(/\s+/)).filter((cells) => cells[3] === '0A' && inodes.has(cells[9] ?? '')).map((cells) => cells[1]));
  const port = Number(new URL(centre.url).port).toString(16).toUpperCase().padStart(4, '0');
  expect(listening).toEqual([`0100007F:${port}`]);
});

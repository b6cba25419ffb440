/** The check of dependencies, with the real npm against a registry of our own: it fails on a finding, and only on one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { knownWeaknesses } from '../support/dependencies.mjs';

let registry: Server;
let answer: { status: number; body: unknown } = { status: 200, body: {} };
let asked: Record<string, string[]> = {};
beforeAll(async () => {
  registry = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const body = Buffer.concat(parts);
      if (request.url?.endsWith('/advisories/bulk')) asked = JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()) as typeof asked;
      // Of what has a finding, and of what needs it, npm asks for the versions that there are.
      if (request.method === 'GET') { const name = decodeURIComponent(request.url?.slice(1) ?? ''); response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ name, 'dist-tags': { latest: '9.9.9' }, versions: { '9.9.9': { name, version: '9.9.9', dist: { tarball: 'https://x.test/x.tgz' } } } })); return; }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => { registry.listen(0, '127.0.0.1', resolve); });
});
// npm keeps what it was told in a cache: one of its own.
const cache = mkdtempSync(join(tmpdir(), 'toan-canh-npm-'));
afterAll(() => { registry.close(); rmSync(cache, { recursive: true, force: true }); });
const check = () => knownWeaknesses({ cwd: fromRoot(), environment: { npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`, npm_config_replace_registry_host: 'never', npm_config_cache: cache } });
const finding = (severity: string) => ({ express: [{ id: ['high', 'moderate', 'critical'].indexOf(severity) + 1, url: 'https://x.test/1', title: 'A made-up weakness', severity, vulnerable_versions: '*', cwe: [], cvss: { score: 9, vectorString: null } }] });

it('is well without a finding, and asks for what ships', async () => {
  answer = { status: 200, body: {} };
  expect(await check()).toEqual({ findings: [] });
  expect([Array.isArray(asked.express), asked.vitest]).toEqual([true, undefined]);
}, 90_000);
it('tells a high and a critical one, by name and title, and lets a moderate one pass', async () => {
  for (const level of ['critical', 'high']) {
    answer = { status: 200, body: finding(level) };
    expect(await check()).toEqual({ findings: expect.arrayContaining([`express *: ${level} — A made-up weakness`, expect.stringMatching(/^node-media-server.* through express/)]) });
  }
  answer = { status: 200, body: finding('moderate') };
  expect(await check()).toEqual({ findings: [] });
}, 120_000);
it('is skipped with its reason where the registry has no answer', async () => {
  answer = { status: 404, body: { error: 'not here' } };
  expect(await check()).toEqual({ skipped: expect.stringContaining('did not answer') });
}, 90_000);

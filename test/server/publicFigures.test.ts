/** What the province publishes: figures only, as configured, and not asked for without end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigProblems, loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import type { PublicFigures } from '#contract/public.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let at = 0;
beforeAll(async () => { centre = await startTestCentre({ now: () => new Date(Date.now() + at) }); });
afterAll(async () => { await centre?.end(); });
const ask = async () => await centre.call<PublicFigures>('GET', '/public/figures', { as: null });

describe('the public figures', () => {
  it('are what the configuration names; a share of too few is left out, what is not there is null', async () => {
    const before = (await ask()).body;
    expect([before.published, before.simulated, before.name.vi]).toEqual([true, false, 'Tỉnh Đồng Nai']);
    expect(before.figures.map((figure) => figure.name)).toEqual(['received', 'resolved', 'onTimeRate', 'onlineRate', 'satisfiedRate', 'waiting', 'averageWait']);
    expect(before.figures.find((figure) => figure.name === 'onTimeRate')).toMatchObject({ value: null, reason: 'none' });
    const key = await centre.keyFor(['dossiers', 'surveys'], ['75']);
    const now = new Date(Date.now() - 1_000).toISOString();
    await centre.send('dossiers', [{ eventId: 'p1', dossier: 'P1', status: 'received', at: now, unit: '26068', procedure: '1.004199' }], key);
    await centre.send('surveys', [{ eventId: 'p2', unit: '26068', at: now, rating: 5, source: 'tablet' }], key);
    // Reckoned once a minute.
    expect((await ask()).body.figures[0]?.value).toBe(0);
    at += 61_000;
    const after = (await ask()).body;
    expect(after.figures[0]).toMatchObject({ name: 'received', value: 1 });
    expect(after.figures.find((figure) => figure.name === 'satisfiedRate')).toMatchObject({ value: null, reason: 'few' });
    expect(JSON.stringify(after)).not.toMatch(/26068|P1/);
  });
  it('are given to one address sixty times a minute', async () => {
    at += 61_000;
    const answers = [];
    for (let i = 0; i < 70; i += 1) answers.push((await ask()).status);
    expect([answers.filter((status) => status === 200).length <= 60, answers.at(-1)]).toEqual([true, 429]);
    at += 61_000;
    expect((await ask()).status).toBe(200);
  });
  it('a figure that may not be published is refused at load, with its place', () => {
    const dir = mkdtempSync(join(tmpdir(), 'toan-canh-public-'));
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'public.yaml'), 'enabled: true\nfigures: [received, pendingOverdue]\n');
    try { loadConfig({ dir, environment: {} }); throw new Error('it was taken'); } catch (error) {
      expect(error).toBeInstanceOf(ConfigProblems);
      expect((error as ConfigProblems).problems.map((one) => one.replace(`${dir}/`, ''))).toEqual([expect.stringMatching(/^public\.yaml:2:21 figures\.1: /)]);
    } finally { rmSync(dir, { recursive: true }); }
    expect(loadConfig({ dir: fromRoot('config'), environment: {} }).published.enabled).toBe(true);
  });
});

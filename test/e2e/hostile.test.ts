/** Bad input on the wall and the console: hostile names, very long ones, very large figures, what is gone. */
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import type { SceneAnswer } from '#contract/scene.ts';
import { openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { enter } from './walk.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);

const SCRIPT = '<img src=x onerror="window.hit=1">';
const LONG = `Phường ${'Nguyễn Thị Minh Khai '.repeat(10)}${'Dàiliềnkhôngcódấucách'.repeat(4)}`.slice(0, 300);
const SIZES = [{ width: 1366, height: 768 }, { width: 1920, height: 1080 }];
/** A folder for pictures, to look at them by hand. */
const looks = process.env.LOOKS ?? null;

describe.skipIf(reason !== null)('bad input', () => {
  let centre: TestCentre;
  let browser: Browser;
  beforeAll(async () => {
    centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' }, change: (config) => {
      const commune = (code: string, name: string, parent: string, i: number) => ({ code, name, level: 'commune', kind: 'people_committee', parent, lat: 10.7 + (i % 80) / 100, lon: 106.8 + Math.floor(i / 80) / 80, validFrom: null, validTo: null });
      config.units.push(commune('x-script', SCRIPT, '731', 1), commune('x-long', LONG, '731', 2));
      config.contacts = [{ unit: 'x-long', name: SCRIPT, role: LONG.slice(0, 120), phone: '0251 3822 501' }];
    } });
    const key = await centre.keyFor(['dossiers', 'queue'], ['75']);
    const at = new Date(Date.now() - 3_600_000).toISOString();
    for (const unit of ['x-script', 'x-long']) {
      await centre.send('dossiers', [{ eventId: `d-${unit}`, dossier: `H19.${unit}-260105-0012`, status: 'received', at, unit, procedure: '1.004199', channel: 'in_person', dueAt: new Date(Date.now() - 60_000).toISOString() }], key);
      await centre.send('queue', Array.from({ length: 16 }, (_, i) => ({ eventId: `q-${unit}-${i}`, unit, ticket: `A${i}`, status: 'issued', at })), key);
      await centre.call('POST', '/cameras', { body: { id: `cam-${unit}`, unit, name: unit === 'x-script' ? SCRIPT : 'x', position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false } });
    }
    await centre.database.query("UPDATE cameras SET name = '' WHERE unit = 'x-long'");
    await centre.database.query("UPDATE counter_days SET received = 1000000000, resolved = 1000000000, resolved_late = 1000000000 WHERE unit = 'x-long'");
    for (const name of ['one', 'two']) await centre.createUser(name, ['operator'], '75');
    await centre.call('POST', '/shifts', { as: 'one', body: { unit: '75' } });
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => { await browser?.close(); await centre?.end(); });

  const overflow = (page: Page) => page.evaluate(() => ({
    hit: (globalThis as unknown as { hit?: number }).hit ?? 0, injected: document.querySelectorAll('img[onerror], img[src="x"]').length, wider: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
    cut: [...document.querySelectorAll<HTMLElement>('.wall .block, .wall .card, .wall .inside, .console .right, .console .detail, .console .figures button, .shift .panel')].filter((box) => (box.closest('.wall') !== null && box.scrollHeight > box.clientHeight + 3) || box.scrollWidth > box.clientWidth + 3).map((box) => `${box.closest('.tile-box')?.className ?? ''} ${box.className}`),
  }));
  async function decent(page: Page, name: string): Promise<void> {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.waitForTimeout(350);
      if (looks !== null) await page.screenshot({ path: `${looks}/${name}-${size.width}.png` });
      expect([name, size.width, await overflow(page)]).toEqual([name, size.width, { hit: 0, injected: 0, wider: 0, cut: [] }]);
    }
  }

  it('is text on every scene, cut where it does not fit', async () => {
    const { page, errors } = await enter(browser, centre, '/wall/toan-canh', { username: 'one' });
    for (const scene of ['toan-canh', 'hang-cho', 'qua-han', 'hai-long', 'camera', 'don-vi?unit=x-long', 'don-vi?unit=x-script', 'toan-canh?unit=x-long']) {
      await page.goto(`${centre.url}/wall/${scene}`);
      await page.waitForFunction(() => document.querySelectorAll('.scene .tile-box').length >= 3, undefined, { timeout: 20_000 });
      await page.waitForTimeout(800);
      await decent(page, `wall-${scene.replace(/\W+/g, '-')}`);
    }
    // A figure of a thousand million stands whole, in the language's own writing.
    await page.waitForFunction(() => document.body.innerText.includes('1.000.000.000'), undefined, { timeout: 15_000 });
    expect(await page.evaluate(() => [...document.querySelectorAll<HTMLElement>('.board strong')].filter((one) => one.scrollWidth > one.clientWidth + 2).length)).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('is text on the console, in its search and in the shift log; a camera without a name goes by its id', async () => {
    const { page, errors } = await enter(browser, centre, '/console', { username: 'one', theme: 'light' });
    await page.locator('.list button', { hasText: SCRIPT }).first().click({ timeout: 30_000 });
    await page.waitForSelector('.right .contacts');
    await decent(page, 'console-script');
    await page.locator('.list button', { hasText: LONG.slice(0, 40) }).first().click();
    await page.locator('.right figcaption', { hasText: 'cam-x-long' }).waitFor();
    await page.locator('.right .contacts', { hasText: SCRIPT }).waitFor();
    expect(await page.locator('.right').innerText()).toContain('1.000.000.000');
    await decent(page, 'console-long');
    await page.keyboard.press('a');
    await page.waitForFunction(() => document.querySelectorAll('.story li').length === 1);
    await page.keyboard.press('/');
    await page.keyboard.type('nguyen thi minh khai');
    await page.waitForSelector('[role=option]');
    await decent(page, 'search-long');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('<img');
    await page.locator('[role=option]', { hasText: SCRIPT }).first().waitFor();
    await page.keyboard.press('Escape');
    await centre.call('POST', `/shifts/${(await centre.call<{ shifts: { id: string }[] }>('GET', '/shifts', { as: 'one' })).body.shifts[0]?.id ?? ''}/entries`, { as: 'one', body: { text: `${SCRIPT} ${LONG}`, unit: 'x-long', ticket: '<b>A</b>' } });
    await page.keyboard.press('l');
    await page.locator('.log li', { hasText: '<b>A</b>' }).waitFor();
    await decent(page, 'shift-long');
    expect(errors).toEqual([]);
    await page.context().close();
  }, 90_000);

  it('a scene that refers to what is gone says so; of two who move its tile at once one is told who was first', async () => {
    const tiles = [{ id: 'q', kind: 'queue', at: { x: 0, y: 0, w: 6, h: 4 }, settings: { unit: 'x-script' } }, { id: 'c', kind: 'clock', at: { x: 6, y: 0, w: 6, h: 4 }, settings: {} }];
    const made = (await centre.call<SceneAnswer>('POST', '/scenes', { as: 'one', body: { name: SCRIPT, unit: '75', tiles } })).body;
    const both = await Promise.all((['one', 'two'] as const).map(async (username) => await enter(browser, centre, `/scenes/${made.id}`, { username, size: [1366, 768] })));
    for (const { page } of both) { await page.locator('.canvas .tile').nth(1).press('ArrowDown'); await page.waitForTimeout(100); }
    await Promise.all(both.map(({ page }) => page.keyboard.press('Control+s')));
    await Promise.any(both.map(({ page }) => page.waitForSelector('.note[role=alert]', { timeout: 15_000 })));
    await both[0]?.page.waitForTimeout(1_000);
    const told = await Promise.all(both.map(async ({ page }) => ((await page.locator('.note[role=alert]').count()) === 0 ? null : await page.locator('.note[role=alert]').innerText())));
    expect(told.filter((one) => one === null)).toHaveLength(1);
    expect(told.find((one) => one !== null)).toContain(told[0] === null ? 'one' : 'two');
    expect((await centre.call<SceneAnswer>('GET', `/scenes/${made.id}`, { as: 'one' })).body.version).toBe(2);
    // The unit goes, the scene stays.
    await centre.database.query("UPDATE scenes SET tiles = replace(tiles::text, 'x-script', 'x-gone')::jsonb WHERE id = $1", [made.id]);
    const [first] = both;
    if (!first) throw new Error('no page');
    await first.page.goto(`${centre.url}/wall/${made.id}`);
    await first.page.waitForFunction(() => document.querySelector('.kind-queue')?.textContent?.includes('x-gone') === true, undefined, { timeout: 15_000 });
    await decent(first.page, 'scene-gone');
    for (const { page, errors } of both) { expect(errors).toEqual([]); await page.context().close(); }
  }, 90_000);
});

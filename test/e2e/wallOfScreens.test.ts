/** Four browsers as one wall of two by two: cuts that fit together, changes in the same second, one missing, the centre and a screen gone and back. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import pino from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import type { Config } from '#config/schema.ts';
import type { ScreenRow } from '#contract/scene.ts';
import { startCentre, type Centre } from '#server/centre.ts';
import { errorsOf, openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { enter, faultsOf } from './walk.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);
const freePort = () => new Promise<number>((resolve) => { const server = createServer(); server.listen(0, '127.0.0.1', () => { const { port } = server.address() as { port: number }; server.close(() => resolve(port)); }); });
const pause = (ms: number) => new Promise((resolve) => { setTimeout(resolve, ms); });
/** One screen in the browser is half as large as on the canvas. */
const SIZE = { width: 960, height: 540 };
const GAP = { x: 19, y: 11 };

describe.skipIf(reason !== null)('four screens as one wall', () => {
  let config: Config;
  let centre: TestCentre;
  let again: Centre | null = null;
  let browser: Browser;
  const screens: { id: string; page: Page; row: number; column: number; errors: string[] }[] = [];
  let wall = '';
  beforeAll(async () => {
    const port = await freePort();
    centre = await startTestCentre({ media: true, environment: { DEMO: 'on' }, change: (one) => { one.centre.port = port; config = one; } });
    browser = await openBrowser();
    for (let i = 0; i < 4; i += 1) {
      const page = await (await browser.newContext({ viewport: SIZE })).newPage();
      const errors = errorsOf(page);
      await page.goto(`${centre.url}/kiosk`);
      const code = ((await page.locator('.code').textContent({ timeout: 20_000 })) ?? '').replace(/\D/g, '');
      const made = await centre.call<{ id: string }>('POST', '/screens', { body: { code, name: `Tường ${i + 1}`, unit: '75' } });
      screens.push({ id: made.body.id, page, row: Math.floor(i / 2), column: i % 2, errors });
    }
    for (const { page } of screens) await page.waitForSelector('.scene .board', { timeout: 30_000 });
  }, 180_000);
  afterAll(async () => { await browser?.close(); await again?.stop(); await centre?.end(); });

  const makeUp = () => ({ rows: 2, columns: 2, bezel: { x: 2, y: 2, unit: 'percent' }, places: screens.map(({ id, row, column }) => ({ screen: id, row, column })) });
  /** From now on each page notes when the name of what is on changes. */
  const listen = async () => { for (const { page } of screens) await page.evaluate(() => { const seen: [number, string][] = []; const name = () => document.querySelector('.status .quiet')?.textContent ?? ''; let last = name(); Object.assign(globalThis, { seen }); new MutationObserver(() => { const now = name(); if (now !== last) { last = now; seen.push([Date.now(), now]); } }).observe(document.body, { subtree: true, childList: true, characterData: true }); }); };
  const seenBy = async (pages: readonly Page[]) => await Promise.all(pages.map(async (page) => await page.evaluate(() => (globalThis as unknown as { seen: [number, string][] }).seen)));
  const spread = (times: readonly number[]) => Math.max(...times) - Math.min(...times);
  const name = (text: string) => (page: Page) => page.waitForFunction((wanted) => document.querySelector('.status .quiet')?.textContent?.includes(wanted), text, { timeout: 20_000 });

  it('each shows its cut of one scene, and together they are the whole', async () => {
    const { body, status } = await centre.call<ScreenRow>('POST', '/walls', { body: { name: 'Tường sảnh', unit: '75', wall: makeUp() } });
    expect(status).toBe(201);
    wall = body.id;
    for (const { page } of screens) await page.waitForSelector('.part .scene', { timeout: 15_000 });
    await pause(1_500);
    const found = await Promise.all(screens.map(async ({ page, row, column }) => await page.evaluate(([x = 0, y = 0]) => Object.fromEntries([...document.querySelectorAll<HTMLElement>('.tile-box')].map((tile) => { const box = tile.getBoundingClientRect(); return [tile.className.split(' ').find((one) => one.startsWith('kind-')) ?? '', [box.left + x, box.top + y, box.width, box.height].map(Math.round).join(' ')]; })), [column * (SIZE.width + GAP.x), row * (SIZE.height + GAP.y)])));
    // The very same place on the canvas, seen from four windows.
    for (const one of found.slice(1)) expect(one).toEqual(found[0]);
    expect(Object.keys(found[0] ?? {}).length).toBeGreaterThan(3);
    // What does not touch a cut is not drawn in it, and everything is drawn somewhere.
    const drawn = await Promise.all(screens.map(async ({ page }) => await page.evaluate(() => [...document.querySelectorAll('.tile-box')].flatMap((tile, i) => { const box = tile.getBoundingClientRect(); const on = box.right > 0 && box.bottom > 0 && box.left < window.innerWidth && box.top < window.innerHeight; if (on !== (tile.querySelector('.inside') !== null)) throw new Error(`${tile.className}: ${on ? 'touches' : 'does not touch'} the cut`); return on ? [i] : []; }))));
    expect(new Set(drawn.flat()).size).toBe(Object.keys(found[0] ?? {}).length);
    expect(drawn.some((one) => one.length < Object.keys(found[0] ?? {}).length)).toBe(true);
    // A screen of a wall is not driven alone, belongs to one wall, and stays with its unit.
    expect((await centre.call<{ code: string }>('POST', `/screens/${screens[0]?.id}/show`, { body: { scene: 'camera' } })).body.code).toBe('wall_member');
    expect((await centre.call<{ code: string }>('POST', '/walls', { body: { name: 'Khác', unit: '75', wall: makeUp() } })).body.code).toBe('wall_places');
    expect((await centre.call<{ code: string }>('PATCH', `/screens/${screens[0]?.id}`, { body: { unit: '731' } })).body.code).toBe('wall_member');
  }, 60_000);

  it('all change at one instant: what is given, what comes up for a while, and the rotation', async () => {
    await listen();
    await centre.call('POST', `/screens/${wall}/show`, { body: { scene: 'hang-cho' } });
    await Promise.all(screens.map(({ page }) => name('Hàng chờ')(page)));
    await centre.call('POST', `/screens/${wall}/show`, { body: { scene: 'camera' } });
    await Promise.all(screens.map(({ page }) => name('Camera')(page)));
    // Players only where the picture touches the cut.
    const players = async () => (await Promise.all(screens.map(async ({ page }) => await page.evaluate(() => [...document.querySelectorAll<HTMLVideoElement>('.kind-cameras figure.tile video')].map((video) => { const box = (video.closest('figure') as HTMLElement).getBoundingClientRect(); return { on: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight, plays: video.src !== '' }; })))));
    const settled = async () => { const all = (await players()).flat(); return all.some((one) => one.plays) && all.every((one) => one.on || !one.plays); };
    for (const end = Date.now() + 60_000; !(await settled());) { if (Date.now() > end) throw new Error(JSON.stringify(await players())); await pause(500); }
    expect((await players()).some((all) => all.some((one) => !one.on))).toBe(true);
    await centre.call('POST', `/screens/${wall}/show`, { body: { scene: 'don-vi', holdSeconds: 5 } });
    await Promise.all(screens.map(({ page }) => name('Một đơn vị')(page)));
    expect(new Set(await Promise.all(screens.map(async ({ page }) => await page.locator('h1').textContent()))).size).toBe(1);
    await Promise.all(screens.map(({ page }) => name('Camera')(page)));
    await centre.call('PATCH', `/screens/${wall}`, { body: { rotation: [{ scene: 'qua-han', seconds: 5 }, { scene: 'hai-long', seconds: 5 }] } });
    await centre.call('DELETE', `/screens/${wall}/show`);
    await pause(14_000);
    const seen = await seenBy(screens.map((one) => one.page));
    const words = seen.map((one) => one.map(([, word]) => word));
    const least = Math.min(...words.map((one) => one.length));
    expect(least).toBeGreaterThanOrEqual(5);
    for (let i = 0; i < least; i += 1) expect(new Set(words.map((one) => one[i])).size, `change ${i}: ${JSON.stringify(words)}`).toBe(1);
    // By when it was drawn: a machine that is too busy draws one of them late, not most.
    const apart = Array.from({ length: least }, (_, i) => spread(seen.map((one) => one[i]?.[0] ?? 0)));
    console.info(`changes of four screens, drawn apart by ms: ${apart.join(' ')}`);
    expect([...apart].sort((x, y) => x - y)[Math.floor(least / 2)]).toBeLessThan(1_000);
  }, 120_000);

  it('one is missing: the others go on, and the console says so; it comes back without the centre and shows its part', async () => {
    const { page, errors } = await enter(browser, centre, '/console', { size: [1366, 768] });
    const card = page.locator('.wall-card');
    await card.waitFor();
    await centre.call('POST', `/screens/${wall}/show`, { body: { scene: 'hang-cho' } });
    expect(await page.locator('.screen').count()).toBe(1);
    await page.waitForFunction(() => document.querySelector('.wall-card')?.textContent?.includes('4/4'), undefined, { timeout: 60_000 }).catch(async () => { throw new Error(JSON.stringify((await centre.call<{ screens: ScreenRow[] }>('GET', '/screens')).body.screens.map(({ connected, report }) => ({ connected, report })))); });
    // Of the scene that was just given: each screen says what it shows some seconds later, and the miniature is put together from that.
    await page.waitForFunction(() => document.querySelectorAll('.wall-card rect:not(.frame)').length > 3, undefined, { timeout: 40_000 });
    const lost = screens[3];
    if (!lost) throw new Error('no fourth');
    const { url } = centre;
    await lost.page.goto('about:blank');
    await page.waitForFunction(() => document.querySelector('.wall-card')?.textContent?.includes('3/4'), undefined, { timeout: 15_000 });
    await centre.call('POST', `/screens/${wall}/show`, { body: { scene: 'toan-canh' } });
    await Promise.all(screens.slice(0, 3).map((one) => name('Toàn cảnh')(one.page)));
    await card.click();
    await page.waitForSelector('.members li');
    await page.getByRole('button', { name: 'Đã hiện gì' }).first().click();
    await page.waitForSelector('.record tbody tr');
    expect(await faultsOf(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
    await lost.page.goto(`${url}/kiosk`);
    await lost.page.waitForSelector('.part .scene', { timeout: 20_000 });
    await name('Toàn cảnh')(lost.page);
    await pause(11_000);

    // The centre ends, and a screen of the wall loses power meanwhile.
    await centre.stop();
    await lost.page.waitForSelector('.status .old', { timeout: 20_000 });
    await lost.page.reload();
    await lost.page.waitForSelector('.part .scene', { timeout: 20_000 });
    await name('Toàn cảnh')(lost.page);
    again = await startCentre({ config, log: pino({ level: 'silent' }), version: 'test', searchPath: process.env.PATH ?? '', runsFromSource: true, now: () => new Date(), withMedia: true });
    for (const one of screens) await one.page.waitForSelector('.status .old', { state: 'detached', timeout: 30_000 });
    for (const one of screens) { await one.page.waitForSelector('.part .scene'); await name('Toàn cảnh')(one.page); }
    await listen();
    await centre.call('POST', `/screens/${wall}/show`, { body: { scene: 'hang-cho' } });
    await Promise.all(screens.map((one) => name('Hàng chờ')(one.page)));
    const seen = await seenBy(screens.map((one) => one.page));
    expect(spread(seen.map((one) => one.find(([, word]) => word.includes('Hàng chờ'))?.[0] ?? 0))).toBeLessThan(1_000);
    // Taken apart: each is a screen by itself again.
    expect((await centre.call('DELETE', `/screens/${wall}`)).status).toBe(204);
    for (const one of screens) await one.page.waitForSelector('.part', { state: 'detached', timeout: 10_000 });
    // While the centre is away its socket is refused, and the browser says so.
    for (const one of screens) expect(one.errors.filter((error) => !error.includes('/live/'))).toEqual([]);
  }, 180_000);
});

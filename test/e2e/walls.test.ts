/** Walls in a browser: the six scenes, a screen from its six digits to its end, the editor, and what stays when the centre is away. */
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { BUILT_IN_SCENES } from '#contract/vocabulary.ts';
import { errorsOf, openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { enter, faultsOf } from './walk.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);

/** What runs over its box, and how far. */
const cutOf = async (page: Page) => await page.evaluate(() => [...document.querySelectorAll<HTMLElement>('.wall .block, .wall .card, .wall .inside')].filter((box) => box.scrollHeight > box.clientHeight + 3 || box.scrollWidth > box.clientWidth + 3).map((box) => `${box.closest('.tile-box')?.className ?? ''} ${box.className}`));

describe.skipIf(reason !== null)('the walls in a browser', () => {
  let centre: TestCentre;
  let browser: Browser;
  beforeAll(async () => {
    centre = await startTestCentre({ media: true, environment: { DEMO: 'on' } });
    browser = await openBrowser();
    await centre.createUser('an-operator', ['operator'], '75');
    await centre.createUser('another-operator', ['operator'], '75');
    await centre.createUser('of-bien-hoa', ['operator'], '731');
  }, 120_000);
  afterAll(async () => { await browser?.close(); await centre?.end(); });

  it('six scenes are complete on a laptop and on three screens, nothing is cut, and each is collected when it is left', async () => {
    const { page, errors } = await enter(browser, centre, '/wall/toan-canh', { username: 'an-operator' });
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.enable');
    for (const id of BUILT_IN_SCENES) {
      await page.selectOption('.status select', id);
      await page.waitForFunction((scene) => location.pathname.endsWith(scene) && document.querySelectorAll('.scene .tile-box').length >= 3 && !document.querySelector('.scene')?.hasAttribute('data-seen'), id);
      await page.waitForTimeout(1_500);
      for (const size of [{ width: 1366, height: 768 }, { width: 5760, height: 1080 }]) {
        await page.setViewportSize(size);
        await page.waitForTimeout(700);
        expect([id, size.width, await cutOf(page)]).toEqual([id, size.width, []]);
        expect(await page.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight)).toBe(true);
      }
      await page.setViewportSize({ width: 1366, height: 768 });
      expect([id, await faultsOf(page)]).toEqual([id, []]);
      await page.evaluate((scene) => {
        const root = document.querySelector('.scene');
        root?.setAttribute('data-seen', '');
        ((globalThis as unknown as { left: Record<string, WeakRef<Element>> }).left ??= {})[scene] = new WeakRef(root as Element);
      }, id);
    }
    await page.selectOption('.status select', 'toan-canh');
    await page.waitForFunction(() => document.querySelector('.scene:not([data-seen])') !== null);
    const alive = async () => await page.evaluate(() => Object.entries((globalThis as unknown as { left: Record<string, WeakRef<Element>> }).left).filter(([, ref]) => ref.deref() !== undefined).map(([id]) => id));
    // A weak reference lives to the end of its turn, and a player that is taken down to the end of its last promise.
    for (const end = Date.now() + 20_000; (await alive()).length > 0 && Date.now() < end;) { await session.send('HeapProfiler.collectGarbage'); await page.waitForTimeout(500); }
    expect(await alive()).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  }, 180_000);

  it('a district has its own wall, and a unit that is not there a decent word', async () => {
    const { page, errors } = await enter(browser, centre, '/wall/toan-canh?unit=731', { username: 'an-operator' });
    await page.waitForSelector('.board strong', { timeout: 20_000 });
    expect(await page.locator('h1').textContent()).toBe('Thành phố Biên Hòa');
    await page.goto(`${centre.url}/wall/hang-cho?unit=99999`);
    await page.waitForSelector('.note[role=alert]');
    expect(await page.locator('.note').textContent()).toContain('99999');
    expect(errors).toEqual([]);
    await page.context().close();
  }, 60_000);

  it('an operator arranges a scene by mouse and by keyboard; the second of two is told who was first', async () => {
    const { page, errors } = await enter(browser, centre, '/scenes', { username: 'an-operator' });
    await page.getByRole('button', { name: 'Tạo cảnh' }).click();
    await page.waitForURL(/\/scenes\/s-/);
    await page.fill('.name input', 'Sảnh tầng 1');
    await page.locator('.palette').getByRole('button', { name: 'Hàng chờ', exact: true }).click();
    const queue = page.locator('.canvas .tile', { hasText: 'Hàng chờ' });
    const place = async () => await queue.evaluate((tile) => tile.getAttribute('style'));
    const before = await place();
    await queue.press('ArrowRight');
    await queue.press('Shift+ArrowRight');
    const after = await place();
    expect(after).not.toBe(before);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect(await place()).toBe(before);
    const box = await queue.boundingBox();
    const grid = await page.locator('.canvas').boundingBox();
    if (!box || !grid) throw new Error('no boxes');
    await page.mouse.move(box.x + 40, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 40 + (grid.width / 12) * 8, box.y + 40, { steps: 8 });
    await page.mouse.up();
    expect(await place()).toMatch(/left: 66\.6/);
    // Onto another tile: said, and not to be saved.
    await page.mouse.move(box.x + 40 + (grid.width / 12) * 8, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 40 + (grid.width / 12) * 8, box.y - grid.height / 4, { steps: 8 });
    await page.mouse.up();
    await page.waitForSelector('.tile.clash');
    expect(await page.getByRole('button', { name: 'Lưu', exact: true }).isDisabled()).toBe(true);
    await page.keyboard.press('Control+z');
    await page.waitForSelector('.tile.clash', { state: 'detached' });
    await page.getByRole('button', { name: 'Xem thử' }).click();
    await page.waitForSelector('.preview .tile-box');
    await page.getByRole('button', { name: 'Sắp xếp' }).click();
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Control+s');
    await page.waitForFunction(() => document.querySelectorAll('.story li').length === 2);
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const { body } = await centre.call<{ version: number; name: string; tiles: unknown[] }>('GET', `/scenes/${id}`, { as: 'another-operator' });
    expect([body.version, body.name, body.tiles.length]).toEqual([2, 'Sảnh tầng 1', 2]);
    await centre.call('PUT', `/scenes/${id}`, { as: 'another-operator', body: { name: 'Của người khác', version: 2, tiles: body.tiles } });
    await page.fill('.name input', 'Của tôi');
    await page.keyboard.press('Control+s');
    await page.waitForSelector('.note[role=alert]');
    expect(await page.locator('.note').textContent()).toContain('another-operator');
    await page.getByRole('button', { name: 'Lưu bản của tôi thành bản sao' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('.name input')?.value === 'Của tôi (bản sao)');
    expect(errors).toEqual([]);
    await page.context().close();
  }, 90_000);

  it('a screen pairs, shows what the console gives it, is dark when it is revoked, and keeps its picture when the centre is away', async () => {
    const kiosk = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage();
    const errors = errorsOf(kiosk);
    await kiosk.goto(`${centre.url}/kiosk`);
    const digits = async () => ((await kiosk.locator('.code').textContent({ timeout: 15_000 })) ?? '').replace(/\D/g, '');
    expect(await digits()).toMatch(/^\d{6}$/);
    const { page, errors: onConsole } = await enter(browser, centre, '/console', { username: 'an-operator' });
    const pair = async (name: string) => {
      await page.getByRole('button', { name: 'Ghép màn hình mới' }).click();
      await page.fill('input.digits', await digits());
      await page.fill('dialog input[maxlength="80"]', name);
      await page.keyboard.press('Enter');
      await page.waitForSelector('dialog', { state: 'detached' });
      await kiosk.waitForSelector('.scene .board', { timeout: 20_000 });
    };
    await pair('Sảnh');
    const card = page.locator('.screen', { hasText: 'Sảnh' });
    await card.waitFor();
    // By keyboard: what, onto which, for how long.
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('p');
    await page.waitForSelector('dialog form.show');
    expect(await faultsOf(page)).toEqual([]);
    await page.locator('dialog select').first().selectOption('scene');
    await page.locator('dialog select').nth(1).selectOption('hang-cho');
    await page.locator('dialog select').last().selectOption('0');
    await page.locator('dialog').getByRole('button', { name: 'Đưa lên', exact: true }).click();
    await kiosk.waitForFunction(() => document.querySelector('.status')?.textContent?.includes('Hàng chờ'), undefined, { timeout: 10_000 });
    // By dragging: an alert onto the screen; it comes up over what is held.
    await page.waitForSelector('.list button', { timeout: 60_000 });
    await page.locator('.list button').first().dragTo(card);
    await kiosk.waitForSelector('.status .popup', { timeout: 10_000 });
    await kiosk.waitForSelector('.kind-alert');
    // Nothing on a screen is to be touched.
    expect(await kiosk.locator('main button, main a, main select').count()).toBe(0);
    await page.waitForFunction(() => document.querySelector('.screen .sketch rect') !== null, undefined, { timeout: 30_000 });
    const report = async () => (await centre.call<{ screens: { name: string; report: { sceneName: string; hash: string; width: number } | null }[] }>('GET', '/screens')).body.screens.find((screen) => screen.name === 'Sảnh')?.report;
    expect(await report()).toMatchObject({ width: 1920, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    await card.click();
    await page.getByRole('button', { name: 'Trả lại luân phiên' }).click();
    await kiosk.waitForSelector('.kind-map', { timeout: 10_000 });
    await page.getByRole('button', { name: 'Thu hồi màn hình' }).click();
    const revokedAt = Date.now();
    await page.getByRole('button', { name: 'Thu hồi', exact: true }).click();
    await kiosk.waitForSelector('.scene', { state: 'detached', timeout: 8_000 });
    expect(Date.now() - revokedAt).toBeLessThan(5_500);
    expect(await kiosk.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('kept:')))).toEqual([]);
    await page.waitForSelector('dialog', { state: 'detached' });

    await pair('Sảnh lần hai');
    await kiosk.waitForTimeout(3_000);
    // A reboot of the screen alone: its token is its own.
    await kiosk.reload();
    await kiosk.waitForSelector('.scene .board', { timeout: 20_000 });
    const shown = await kiosk.locator('.board').textContent();
    expect([errors, onConsole]).toEqual([[], []]);
    await page.context().close();
    await centre.stop();
    await kiosk.waitForSelector('.status .old', { timeout: 15_000 });
    // And with the centre away: the last picture, marked with its age from the first moment.
    await kiosk.reload();
    await kiosk.waitForSelector('.scene .board', { timeout: 20_000 });
    await kiosk.waitForSelector('.status .old', { timeout: 5_000 });
    expect((await kiosk.locator('.board').textContent())?.slice(0, 15)).toBe(shown?.slice(0, 15));
    await kiosk.context().close();
  }, 180_000);
});

/** As its user: sign in, the wall moves, a simulated camera plays, a figure opens to its dossiers, the recording is asked for. */
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { errorsOf, openBrowser, whyNoBrowser } from '../support/browser.ts';
import { PASSWORD, startTestCentre, type TestCentre } from '../support/centre.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);

describe.skipIf(reason !== null)('the wall in a browser', () => {
  let centre: TestCentre;
  let browser: Browser;
  beforeAll(async () => { centre = await startTestCentre({ media: true, environment: { DEMO: 'on' } }); browser = await openBrowser(); });
  afterAll(async () => { await browser?.close(); await centre?.end(); });

  it('lives', async () => {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    const errors = errorsOf(page);
    await page.goto(`${centre.url}/wall/toan-canh`);
    await page.fill('input[autocomplete=username]', 'admin');
    await page.fill('input[type=password]', 'wrong-password');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    await page.fill('input[type=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.grid', { timeout: 20_000 });
    await page.waitForSelector('.simulated');
    await page.waitForSelector('.map circle, .map path', { timeout: 20_000, state: 'attached' });
    await page.waitForSelector('.tile.live', { timeout: 60_000 });
    expect(await page.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight)).toBe(true);
    const received = () => page.locator('.board button').first().locator('strong').textContent();
    const before = await received();
    const key = await centre.keyFor(['dossiers'], ['75']);
    await centre.send('dossiers', Array.from({ length: 7 }, (_, i) => ({ eventId: `e${i}`, dossier: `E${i}`, status: 'received', at: new Date(Date.now() - 5_000).toISOString(), unit: '26068', procedure: '1.004199' })), key);
    await page.waitForFunction((old) => document.querySelector('.board button strong')?.textContent !== old, before, { timeout: 10_000 });
    await page.locator('.board button').first().click();
    await page.waitForSelector('dialog tbody tr', { timeout: 10_000 });
    expect(errors).toEqual([]);
    await page.close();
  }, 150_000);
});

/** The design system in the browser: every component in both themes, the main pages in the light one, and a focus that is seen. */
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { enter, faultsOf } from './walk.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);
const PAGES = [['/console', '.list, .map'], ['/performance', 'main h1, main table, main .quiet'], ['/performance/indicators', 'main'], ['/inspection', 'main form, main'], ['/admin/system', 'main dl'], ['/scenes', 'main'], ['/account', 'main h1']] as const;

describe.skipIf(reason !== null)('the design system in a browser', () => {
  let centre: TestCentre;
  let browser: Browser;
  beforeAll(async () => { centre = await startTestCentre(); browser = await openBrowser(); }, 120_000);
  afterAll(async () => { await browser?.close(); await centre?.end(); });

  it('every component is without fault in dark and light, and a focus is seen on each that can have one', async () => {
    for (const theme of ['dark', 'light']) {
      const { page, errors } = await enter(browser, centre, '/design', { theme, size: [1366, 768] });
      await page.waitForSelector('.chart svg');
      expect([theme, await faultsOf(page)]).toEqual([theme, []]);
      // Text on a panel: 4.5 to 1 at least, as the page itself reckons it.
      const contrasts = (await page.locator('.inks li').allTextContents()).map((text) => Number(/([\d.]+) : 1/.exec(text)?.[1]));
      expect(contrasts.length).toBe(9);
      expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
      const seen = new Set<string>();
      for (let i = 0; i < 40; i += 1) {
        await page.keyboard.press('Tab');
        const focus = await page.evaluate(() => { const at = document.activeElement; if (!at || at === document.body) return null; const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(at); return { what: `${at.tagName} ${at.className}`, ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && !/, 0\)$/.test(outlineColor) }; });
        if (focus === null) break;
        seen.add(focus.what);
        expect(focus).toMatchObject({ ring: true });
      }
      expect(seen.size).toBeGreaterThan(6);
      await page.getByRole('button', { name: 'Mở tấm trượt' }).click();
      await page.waitForSelector('dialog');
      expect([theme, await faultsOf(page)]).toEqual([theme, []]);
      await page.keyboard.press('Escape');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Mở tấm trượt');
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      expect(errors).toEqual([]);
      if (theme === 'light') for (const [path, ready] of PAGES) {
        await page.goto(`${centre.url}${path}`);
        await page.waitForSelector(ready, { timeout: 20_000, state: 'attached' });
        await page.waitForTimeout(300);
        expect([path, await faultsOf(page)]).toEqual([path, []]);
      }
      await page.context().close();
    }
  }, 120_000);
});

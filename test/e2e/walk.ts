/** Steps that every walk through the pages takes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { errorsOf } from '../support/browser.ts';
import { PASSWORD, type TestCentre } from '../support/centre.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A signed-in page with what went wrong on its console. */
export async function enter(browser: Browser, centre: TestCentre, path: string, { username = 'admin', theme = 'dark', language = 'vi', size = [1920, 1080] }: { username?: string; theme?: string; language?: string; size?: [number, number] } = {}): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: size[0], height: size[1] } });
  await context.addInitScript(([t, l]) => { localStorage.setItem('theme', t ?? ''); localStorage.setItem('language', l ?? ''); localStorage.setItem('sound', 'off'); }, [theme, language]);
  const page = await context.newPage();
  const errors = errorsOf(page);
  await page.goto(`${centre.url}/?next=${encodeURIComponent(path)}`);
  await page.fill('input[autocomplete=username]', username);
  await page.fill('input[type=password]', PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname + url.search !== `/?next=${encodeURIComponent(path)}` && url.pathname === new URL(path, centre.url).pathname);
  return { page, errors };
}

/** What axe finds wrong, one line each: rule, element. Contrast, names, roles, order of headings. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] }> } }).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    return violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`));
  });
}

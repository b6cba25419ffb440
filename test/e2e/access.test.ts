/** One walk of a new inspector: the invitation, the second factor, a stranger's session ended, the register taken along. */
import { existsSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { codeAt, stepOf } from '#server/access/totp.ts';
import { audit } from '#server/audit/append.ts';
import { errorsOf, openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { faultsOf } from './walk.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);
const read32 = (text: string) => Buffer.from((text.split('').map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));

describe.skipIf(reason !== null)('a new inspector', () => {
  let centre: TestCentre;
  let browser: Browser;
  beforeAll(async () => { [centre, browser] = await Promise.all([startTestCentre(), openBrowser()]); }, 120_000);
  afterAll(async () => { await browser?.close(); await centre?.end(); });

  it('sets the password by the link, enrols an app, ends a session that is not theirs, and takes the register along', async () => {
    const made = await centre.call<{ invitation: { path: string } }>('POST', '/users', { body: { username: 'thanh-tra', roles: ['inspector'], unit: '26068' } });
    await audit(centre.database, { actor: 'somebody', action: 'live.look', unit: '26068', subject: 'desk-1', purpose: '=1+1', detail: { quality: 'main' } }, new Date());
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, acceptDownloads: true });
    await context.addInitScript((theme) => { localStorage.setItem('theme', theme); localStorage.setItem('language', 'vi'); }, process.env.WALK_THEME ?? 'dark');
    const page = await context.newPage();
    const errors = errorsOf(page);
    const look = async (name: string) => { expect([name, await faultsOf(page)]).toEqual([name, []]); if (process.env.WALK_PICTURES) await page.screenshot({ path: `${process.env.WALK_PICTURES}-${name}.png`, fullPage: true }); };
    const password = 'mật khẩu riêng 2026';

    await page.goto(`${centre.url}${made.body.invitation.path}`);
    await page.fill('input >> nth=0', password);
    await page.fill('input >> nth=1', password);
    // The token is not in the address any more.
    expect(page.url()).toBe(`${centre.url}/invitation`);
    await look('invitation');
    await page.click('button.main');
    await page.click('a.main');
    await page.fill('input[autocomplete=username]', 'thanh-tra');
    await page.fill('input[type=password]', password);
    await page.keyboard.press('Enter');
    await page.click('a[href="/account"] >> nth=0');

    const factor = page.locator('section.panel').first();
    await factor.locator('input[type=password]').fill(password);
    await factor.locator('button.main').click();
    const key = read32((await factor.locator('code').textContent() ?? '').replaceAll(' ', ''));
    expect(key.length).toBe(20);
    await look('factor');
    await factor.locator('input[autocomplete=one-time-code]').fill(codeAt(key, stepOf(new Date())));
    await factor.locator('button.main').click();
    await factor.locator('ol li').nth(9).waitFor();
    const recovery = await factor.locator('ol li').first().textContent() ?? '';
    await look('recovery');
    await factor.locator('button.main').click();
    await factor.locator('.in_order').waitFor();

    // Somebody signs in elsewhere, with the password and a recovery code.
    const agent = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' };
    const half = await centre.call('POST', '/session', { as: null, body: { username: 'thanh-tra', password }, headers: agent });
    const stranger = await centre.call('POST', '/session/second-factor', { as: null, body: { code: recovery }, headers: { ...agent, cookie: half.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ') } });
    expect(stranger.status).toBe(200);
    const cookie = stranger.headers.getSetCookie().find((one) => one.startsWith('session='))?.split(';')[0] ?? '';
    await page.reload();
    const row = page.locator('table tbody tr', { hasText: 'Firefox 140, Windows' });
    await row.waitFor();
    await look('sessions');
    await row.locator('button').click();
    await row.waitFor({ state: 'detached' });
    expect((await centre.call('GET', '/session', { as: null, headers: { cookie } })).status).toBe(401);

    await page.goto(`${centre.url}/inspection/viewings`);
    await page.locator('td', { hasText: 'desk-1' }).waitFor();
    await look('register');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('a[download]')]);
    const csv = readFileSync(await download.path(), 'utf8');
    expect([csv.startsWith('\ufeff'), csv.includes('desk-1'), /[,;"]'=1\+1/.test(csv), /[,;]"?=1\+1/.test(csv)]).toEqual([true, true, true, false]);
    expect((await centre.call<{ entries: { actor: string; action: string }[] }>('GET', '/audit')).body.entries.some((one) => one.actor === 'thanh-tra' && one.action.startsWith('viewing'))).toBe(true);
    expect(errors).toEqual([]);
  }, 120_000);
});

/** A day of an operator, from the signature at seven to the handover in the evening, in a browser against the real centre. */
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import type { AlertRow } from '#contract/alert.ts';
import type { ShiftAnswer, ShiftDesk, ShiftRow } from '#contract/shift.ts';
import { errorsOf, openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { enter, faultsOf } from './walk.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);

const HOUR = 3_600_000;
const DESK = '26068';
const DOSSIER = 'H19.37.26-260105-0012';

describe.skipIf(reason !== null)('the operator\'s day', () => {
  let centre: TestCentre;
  let browser: Browser;
  /** From 17:00 of tomorrow on, in the centre's zone. */
  let ahead = Math.ceil(Date.now() / (24 * HOUR)) * 24 * HOUR + 10 * HOUR - Date.now();
  const now = () => new Date(Date.now() + ahead);
  beforeAll(async () => {
    centre = await startTestCentre({ now, change: (config) => {
      config.centre.sessionIdleMinutes = null;
      config.centre.sessionHours = 72;
      config.contacts = [{ unit: DESK, name: 'Trần Văn Bình', role: 'Trưởng bộ phận', phone: '0251 3822 501' }];
    } });
    for (const name of ['minh', 'lan']) await centre.createUser(name, ['operator'], '731');
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => { await browser?.close(); await centre?.end(); });

  it('is walked by keyboard: signing, trouble, pop-up, call, note, acknowledgement, closing, handover', async () => {
    const key = await centre.keyFor(['dossiers', 'queue'], ['75']);
    const deskName = (await centre.call<{ units: { code: string; name: string }[] }>('GET', '/units')).body.units.find((unit) => unit.code === DESK)?.name ?? '';
    // The evening before: minh hands over; a dossier falls due at night.
    const evening = (await centre.call<ShiftAnswer>('POST', '/shifts', { as: 'minh', body: { unit: '731' } })).body.id;
    await centre.send('dossiers', [{ eventId: 'd1', dossier: DOSSIER, status: 'received', at: new Date(now().getTime() - HOUR).toISOString(), unit: DESK, procedure: '1.004199', channel: 'in_person', dueAt: new Date(now().getTime() + 5 * HOUR).toISOString() }], key);
    await centre.call('POST', `/shifts/${evening}/handover`, { as: 'minh', body: { points: 'Theo dõi bộ phận Tân Phong: thiếu một cán bộ.' } });
    ahead += 14 * HOUR;
    const alertOf = async (rule: string, state = 'active') => (await centre.call<{ alerts: AlertRow[] }>('GET', `/alerts?state=${state}&rule=${rule}`)).body.alerts[0];
    for (const end = Date.now() + 20_000; await alertOf('dossier_overdue') === undefined;) { if (Date.now() > end) throw new Error('no alert of the night'); await new Promise((resolve) => { setTimeout(resolve, 300); }); }

    // Seven in the morning: the handover waits, the night is listed, lan signs.
    const { page, errors } = await enter(browser, centre, '/console', { username: 'lan', size: [1366, 768] });
    await page.waitForFunction(() => document.querySelector('.strip')?.textContent?.includes('Bàn giao chờ ký nhận'));
    await page.keyboard.press('l');
    await page.waitForURL(/\/console\/shift/);
    await page.getByText('Theo dõi bộ phận Tân Phong').waitFor();
    expect(await page.locator('.overview').innerText()).toMatch(new RegExp(`Cảnh báo mới\\s*\\d[\\s\\S]*${deskName}[\\s\\S]*${DOSSIER}`));
    expect(await page.locator('form.note').count()).toBe(0);
    const sign = page.getByRole('button', { name: 'Ký nhận và bắt đầu ca mới' });
    await sign.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('form.note');
    await page.getByText('Diễn biến từ bàn giao đến khi nhận ca').waitFor();
    expect(await page.locator('.overview', { hasText: 'Diễn biến từ bàn giao' }).innerText()).toContain(DOSSIER);
    const before = (await centre.call<ShiftAnswer>('GET', `/shifts/${evening}`, { as: 'lan' })).body;
    expect([before.handover?.by, before.closedBy, before.closedAt !== null]).toEqual(['minh', 'lan', true]);
    expect(await faultsOf(page)).toEqual([]);

    // A screen in the hall.
    const kiosk = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage();
    const onKiosk = errorsOf(kiosk);
    await kiosk.goto(`${centre.url}/kiosk`);
    const digits = ((await kiosk.locator('.code').textContent({ timeout: 15_000 })) ?? '').replace(/\D/g, '');
    expect((await centre.call('POST', '/screens', { as: 'lan', body: { code: digits, name: 'Sảnh', unit: '731' } })).status).toBe(201);
    await kiosk.waitForSelector('.scene .tile-box', { timeout: 20_000 });

    // Trouble in a commune: sixteen wait, the alert opens, the wall brings it up by itself.
    await page.goto(`${centre.url}/console`);
    await page.waitForFunction((code) => [...document.querySelectorAll('.list button')].some((row) => row.textContent?.includes(code.slice(-8))), DOSSIER);
    await centre.send('queue', Array.from({ length: 16 }, (_, i) => ({ eventId: `q${i}`, unit: DESK, ticket: `A${100 + i}`, status: 'issued', at: new Date(now().getTime() - 120_000 + i * 1_000).toISOString() })), key);
    const row = page.locator('.list button', { hasText: 'Hàng chờ dài' });
    await row.waitFor({ timeout: 20_000 });
    await kiosk.waitForSelector('.kind-alert', { timeout: 10_000 });
    expect(await kiosk.locator('main').innerText()).toContain(deskName);
    const trouble = (await alertOf('queue_long'))?.id ?? '';

    // By keyboard: choose it, see whom to call, write that it was done.
    for (let i = 0; i < 5 && new URL(page.url()).searchParams.get('alert') !== trouble; i += 1) { await page.keyboard.press('j'); await page.waitForTimeout(150); }
    expect(new URL(page.url()).searchParams.get('alert')).toBe(trouble);
    await page.locator('.right .contacts', { hasText: 'Trần Văn Bình' }).waitFor();
    await page.keyboard.press('t');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe('tel:02513822501');
    await page.keyboard.press('w');
    await page.waitForSelector('dialog form.note');
    expect(await page.locator('dialog form.note').innerText()).toContain(`Hàng chờ dài · ${deskName}`);
    await page.keyboard.type('Đã gọi anh Bình: mở thêm quầy 4.');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.keyboard.press('a');
    await page.waitForFunction(() => document.querySelector('.story')?.textContent?.includes('lan · xác nhận') === true);
    expect(await page.locator('.story').innerText()).toMatch(/Hệ thống · tự đưa lên màn hình\s*Sảnh/);
    await page.keyboard.press('r');
    await page.waitForSelector('form.ask textarea');
    await page.keyboard.type('Đã có quầy thứ tư.');
    await page.keyboard.press('Control+Enter');
    await row.waitFor({ state: 'detached' });
    expect(await alertOf('queue_long', 'resolved')).toMatchObject({ id: trouble, closedReason: 'by_hand' });
    await kiosk.waitForSelector('.kind-alert', { state: 'detached', timeout: 15_000 });

    // One key finds anything, without accents.
    await page.keyboard.press('/');
    await page.keyboard.type('0105-0012');
    await page.locator('[role=option]', { hasText: DOSSIER }).waitFor();
    expect(await page.locator('[role=option]').first().innerText()).toMatch(/Hồ sơ[\s\S]*quá hạn/);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(deskName.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase());
    await page.waitForFunction((name) => document.querySelector('[role=option] strong')?.textContent === name, deskName);
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForFunction((code) => new URL(location.href).searchParams.get('desk') === code, DESK);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });

    // The evening: what was done stands in the log once, and the open points go to the next.
    ahead += 9 * HOUR;
    await page.keyboard.press('l');
    await page.waitForSelector('.log li');
    const log = await page.locator('.log').innerText();
    for (const [text, times] of [['Đã gọi anh Bình: mở thêm quầy 4.', 1], ['lan · xác nhận', 1], ['lan · đóng', 1], ['tự đưa lên màn hình', 1], ['Đã có quầy thứ tư.', 1]] as const) expect([text, log.split(text).length - 1]).toEqual([text, times]);
    await page.getByRole('button', { name: 'Viết bàn giao' }).press('Enter');
    await page.waitForSelector('.handover textarea');
    await page.keyboard.type('Hồ sơ quá hạn ở Tân Phong chưa xử lý xong.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('lan bàn giao lúc').waitFor();
    const desk = (await centre.call<ShiftDesk>('GET', '/shifts/desk?unit=731', { as: 'minh' })).body;
    expect((await centre.call<ShiftRow>('POST', `/shifts/${desk.current?.id ?? ''}/sign`, { as: 'minh', body: { handover: desk.current?.handover?.id } })).status).toBe(200);
    await page.goto(`${centre.url}/console/shift?id=${desk.current?.id ?? ''}`);
    await page.getByText('Lúc bàn giao').waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.signatures').innerText()).toMatch(/Người bàn giao\s+lan\s+\d\d:\d\d \d\d\/\d\d\/\d{4}\s+Người nhận ca\s+minh\s+\d\d:\d\d/);
    expect(await page.locator('header.bar').isVisible()).toBe(false);
    expect([errors, onKiosk]).toEqual([[], []]);
    await Promise.all([page.context().close(), kiosk.context().close()]);
  }, 150_000);
});

/** The three groups' pages on the simulated province: from a figure, an alert or a rank down to the dossier and the counter's picture. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { errorsOf, openBrowser, whyNoBrowser } from '../support/browser.ts';
import { PASSWORD, startTestCentre, type TestCentre } from '../support/centre.ts';
import { makeClip, startRtspCamera, whyNoRtspCamera } from '../support/rtspCamera.ts';
import { enter, faultsOf } from './walk.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);
const noCamera = whyNoRtspCamera();
if (reason === null && noCamera !== null) console.warn(`skipped: a real camera in the browser — ${noCamera}`);

describe.skipIf(reason !== null)('the pages in a browser', () => {
  let centre: TestCentre;
  let browser: Browser;
  beforeAll(async () => {
    centre = await startTestCentre({ media: true, environment: { DEMO: 'on', CAMERA_NETWORKS: '127.0.0.0/8' } });
    browser = await openBrowser();
    for (const [name, role] of [['an-operator', 'operator'], ['a-leader', 'leader'], ['an-inspector', 'inspector']] as const) await centre.createUser(name, [role], '75');
  }, 120_000);
  afterAll(async () => { await browser?.close(); await centre?.end(); });

  it('the wall lives: a wrong password, pictures, an event that moves a figure, the dossiers behind it', async () => {
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
    // A desk's sheet says what is expected of its queue, or why nothing is; a figure of the queue opens to its tickets.
    await page.goto(`${centre.url}/wall/toan-canh?desk=731`);
    await page.waitForSelector('dialog .forecast .mark', { timeout: 75_000 });
    expect(await page.locator('dialog .forecast').textContent()).toMatch(/chờ khoảng .*8 trong 10 lượt|— .*(giờ|số liệu)/);
    expect(await faultsOf(page)).toEqual([]);
    await page.locator('dialog .queue button').nth(2).click();
    await page.waitForURL((url) => url.searchParams.get('figure') === 'averageWait');
    expect(errors).toEqual([]);
    await page.close();
  }, 230_000);

  it('an operator works the console by keyboard alone', async () => {
    const { page, errors } = await enter(browser, centre, '/console', { username: 'an-operator' });
    await page.waitForSelector('.list button', { timeout: 60_000 });
    await page.keyboard.press('j');
    await page.waitForSelector('article.alert');
    const chosen = new URL(page.url()).searchParams.get('alert');
    expect(chosen).not.toBeNull();
    await page.keyboard.press('a');
    await page.waitForSelector(`.story li`);
    await page.keyboard.press('n');
    await page.keyboard.type('Đã gọi bộ phận, đang xử lý');
    await page.keyboard.press('Control+Enter');
    await page.waitForFunction(() => document.querySelectorAll('.story li').length === 2);
    // A note that was begun here and left does not go to the next alert, and J goes on from where this one stood.
    await page.keyboard.press('s');
    await page.keyboard.type('Ghi chú bỏ dở');
    await page.keyboard.press('Escape');
    await page.waitForSelector('form.ask', { state: 'detached' });
    const order = async () => await page.locator('.list button').evaluateAll((rows) => rows.map((row) => row.id.slice('alert-'.length)));
    await page.keyboard.press('j');
    await page.waitForFunction((old) => new URL(location.href).searchParams.get('alert') !== old, chosen);
    const [before, second] = [await order(), new URL(page.url()).searchParams.get('alert') ?? ''];
    await page.keyboard.press('a');
    await page.waitForFunction(() => document.querySelectorAll('.story li').length === 1);
    expect(await page.locator('.story q').count()).toBe(0);
    await page.waitForFunction((id) => document.querySelector('.list button')?.id !== `alert-${id}`, second);
    await page.keyboard.press('j');
    await page.waitForFunction((old) => new URL(location.href).searchParams.get('alert') !== old, second);
    expect(before.indexOf(new URL(page.url()).searchParams.get('alert') ?? '')).toBe(before.indexOf(second) + 1);
    // G asks first to whom; who is not there is refused.
    await page.keyboard.press('g');
    await page.waitForFunction(() => document.querySelectorAll('datalist#assignees option').length >= 3);
    await page.keyboard.type('nobody-here');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.detail .problem');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('a-leader');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('article.alert')?.textContent?.includes('giao cho a-leader'));
    await page.keyboard.press('f');
    await page.keyboard.type('khong co don vi nay');
    await page.waitForFunction(() => document.querySelectorAll('.list button').length === 0);
    await page.keyboard.press('Escape');
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${centre.url}/admin`);
    await page.waitForSelector('.note');
    expect(errors).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('a leader finds who misses the target, opens the dossiers and takes the list along', async () => {
    const { page, errors } = await enter(browser, centre, '/performance?level=district', { username: 'a-leader', theme: 'light' });
    // The simulated history comes in by and by.
    for (const end = Date.now() + 90_000; (await page.waitForSelector('tbody tr'), await page.locator('tbody button.value').count()) < 3;) { if (Date.now() > end) throw new Error('no figures within 90 s'); await page.waitForTimeout(1_500); await page.reload(); }
    expect(await page.locator('tbody tr').count()).toBe(11);
    expect(await faultsOf(page)).toEqual([]);
    // Days are written day/month/year in a browser of any language; what is no day is said and changes nothing.
    const from = page.getByLabel('Từ ngày', { exact: true });
    const asked = () => new URL(page.url()).searchParams.get('from');
    const period = [await from.inputValue(), await page.getByLabel('Đến ngày', { exact: true }).inputValue()];
    expect(period.join()).toMatch(/^01\/\d\d\/\d{4},\d\d\/\d\d\/\d{4}$/);
    await from.fill('31/02/2026');
    await from.press('Enter');
    expect([await from.getAttribute('aria-invalid'), asked()]).toEqual(['true', null]);
    await from.press('Escape');
    await from.fill(period[0]?.replaceAll('/', '') ?? '');
    await from.press('ArrowUp');
    await page.waitForFunction(() => new URL(location.href).searchParams.get('from')?.endsWith('-02') === true);
    await from.press('ArrowDown');
    await page.waitForFunction(() => new URL(location.href).searchParams.get('from')?.endsWith('-01') === true);
    expect([await from.inputValue(), await faultsOf(page)]).toEqual([period[0], []]);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Xuất CSV' }).click()]);
    expect(readFileSync(await download.path(), 'utf8').split('\r\n')).toHaveLength(13);
    await page.locator('tbody button.value').first().click();
    await page.waitForSelector('dialog');
    expect(new URL(page.url()).searchParams.get('figure')).toBe('resolvedLate');
    await page.waitForSelector('dialog tbody tr');
    // A leader may not look at recordings, so none is offered.
    expect(await page.locator('dialog a').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(errors).toEqual([]);
    await page.context().close();
  }, 150_000);

  it('a leader goes from an indicator of the plan, and from a score, down to the dossiers that made them', async () => {
    const { page, errors } = await enter(browser, centre, '/performance/indicators', { username: 'a-leader', size: [1366, 768] });
    const line = page.locator('tr', { has: page.getByRole('button', { name: 'Tỷ lệ hồ sơ giải quyết đúng hạn và trước hạn' }) });
    for (const end = Date.now() + 90_000; (await line.waitFor(), await line.locator('strong').count()) < 1;) { if (Date.now() > end) throw new Error('no value within 90 s'); await page.waitForTimeout(1_500); await page.reload(); }
    expect(await line.innerText()).toMatch(/\d+,\d%[\s\S]*≥ 97,0%[\s\S]*Kế hoạch kiểm soát TTHC 2024/);
    expect(await faultsOf(page)).toEqual([]);
    await line.getByRole('button').click();
    const sheet = page.locator('dialog');
    expect(await sheet.innerText()).toContain('(trước hạn + đúng hạn) / đã xử lý xong trong kỳ');
    expect(await faultsOf(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Đã xử lý xong', exact: true }).click();
    await page.waitForSelector('dialog tbody tr');
    await page.keyboard.press('Escape');
    await page.goto(`${centre.url}/performance/scores?set=decision-766`);
    await page.getByRole('button', { name: /^2\.1/ }).click();
    expect(await sheet.innerText()).toMatch(/Cách cho điểm[\s\S]*đủ 20 điểm từ 100,0%/);
    expect(await faultsOf(page)).toEqual([]);
    await sheet.getByRole('button', { name: 'Hồ sơ tính theo Quyết định 766' }).click();
    await page.waitForSelector('dialog tbody tr');
    await page.goto(`${centre.url}/performance/scores?set=circular-01-2018`);
    await page.getByText('Chưa được ký xác nhận').waitFor();
    // Deadlines as first reported: in the address, marked on all three pages and on the list, asked of the server.
    const mark = page.getByText('Theo hạn trả như báo cáo ban đầu');
    expect(await mark.count()).toBe(0);
    await page.getByLabel('Hạn trả').selectOption('reported');
    await mark.waitFor();
    expect(new URL(page.url()).searchParams.get('deadlines')).toBe('reported');
    await page.getByRole('link', { name: 'Chỉ tiêu kế hoạch' }).click();
    await mark.waitFor();
    await line.getByRole('button').click();
    const asked = page.waitForRequest((request) => request.url().includes('/kpis/resolved/explain'));
    await sheet.getByRole('button', { name: 'Đã xử lý xong', exact: true }).click();
    expect([...new URL((await asked).url()).searchParams].filter(([name]) => name === 'deadlines' || name === 'tree')).toEqual([['tree', 'whole'], ['deadlines', 'reported']]);
    await sheet.getByText('Theo hạn trả như báo cáo ban đầu').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  }, 150_000);

  it('an administrator signs a rule set from memory, and the page says who did', async () => {
    const { page, errors } = await enter(browser, centre, '/admin/scoring', { theme: 'light' });
    const first = page.locator('article').first();
    expect(await first.innerText()).toContain('Nguồn chưa đối chiếu');
    await first.getByRole('button', { name: 'Ký xác nhận' }).click();
    await page.keyboard.type('Đã đối chiếu với bản công báo');
    expect(await faultsOf(page)).toEqual([]);
    await first.getByRole('button', { name: 'Ký xác nhận' }).click();
    await page.getByText('Đã ký, được tính chính thức').waitFor();
    expect(await first.innerText()).toContain('admin, ');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('an inspector states a purpose and sees the counter at that minute; the address leads a colleague there', async () => {
    const { page, errors } = await enter(browser, centre, '/inspection?unit=26005&counter=3', { username: 'an-inspector' });
    await page.waitForSelector('form input[maxlength="300"]');
    expect(await faultsOf(page)).toEqual([]);
    await page.fill('form input[maxlength="300"]', 'Kiểm tra hồ sơ trễ');
    await page.keyboard.press('Enter');
    // The camera began to record when the province did: go to the first recorded moment.
    await page.waitForSelector('.timeline .span', { timeout: 60_000 });
    const start = Date.now();
    for (;;) {
      await page.goto(`${centre.url}/inspection?camera=tan-hoa-quay-3&at=${new Date(Date.now() - 15_000).toISOString()}`);
      const playing = await page.waitForFunction(() => { const video = document.querySelector('video'); return video !== null && video.currentTime > 0 && video.videoWidth > 0; }, null, { timeout: 10_000 }).then(() => true, () => false);
      if (playing) break;
      if (Date.now() - start > 90_000) throw new Error('no recorded picture within 90 s');
    }
    await page.waitForFunction(() => document.querySelector('.stamp')?.textContent?.includes('an-inspector'));
    await page.keyboard.press(' ');
    await page.waitForFunction(() => document.querySelector('video')?.paused === true);
    const at = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
    await page.keyboard.press('.');
    await page.waitForFunction((before) => (document.querySelector('video')?.currentTime ?? 0) > before, at);
    expect(errors).toEqual([]);
    await page.context().close();
  }, 180_000);

  it('the alerts of a desk lead an inspector to the recording of their moment, an operator to the console', async () => {
    for (const [username, path] of [['an-inspector', '/inspection'], ['an-operator', '/console']] as const) {
      const { page, errors } = await enter(browser, centre, '/wall/toan-canh?desk=26005', { username });
      const alert = page.locator('dialog .alerts a').first();
      await alert.waitFor({ timeout: 90_000 });
      expect(new URL(await alert.getAttribute('href') ?? '', centre.url).pathname).toBe(path);
      await alert.click();
      await page.waitForURL((url) => url.pathname === path);
      expect(errors).toEqual([]);
      await page.context().close();
    }
  }, 240_000);

  it('an administrator makes a key, sees it once, and the register remembers', async () => {
    const { page, errors } = await enter(browser, centre, '/admin/keys', { language: 'en' });
    await page.fill('form input[maxlength="120"]', 'A test source');
    await page.locator('form button.main').click();
    const key = await page.locator('.once code').textContent();
    const answer = await fetch(`${centre.url}/api/v1/ingest/dossiers`, { method: 'POST', headers: { authorization: `Bearer ${key ?? ''}`, 'content-type': 'application/json' }, body: JSON.stringify([{ eventId: 'k1', dossier: 'K1', status: 'received', at: new Date(Date.now() - 5_000).toISOString(), unit: 'no-such-unit', procedure: 'x' }]) });
    expect(answer.status).toBe(200);
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${centre.url}/admin/refused`);
    await page.waitForSelector('tbody tr');
    expect(await page.locator('tbody tr').first().textContent()).toContain('unit code');
    for (const part of ['system', 'users', 'coverage', 'cameras', 'refused', 'audit']) {
      await page.goto(`${centre.url}/admin/${part}`);
      await page.waitForSelector('h1');
      await page.waitForTimeout(500);
      expect([part, await faultsOf(page)]).toEqual([part, []]);
    }
    expect(await page.locator('tbody').textContent()).toContain('Key created');
    expect(errors).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('an administrator names a unit without accents, changes roles and password of an account; refused data stays within the page', async () => {
    const { page, errors } = await enter(browser, centre, '/admin/users', { theme: 'light', size: [1366, 768] });
    await page.waitForFunction(() => document.querySelector('tbody')?.textContent?.includes('Tỉnh Đồng Nai'));
    const unit = page.getByLabel('Đơn vị', { exact: true });
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('form input[list]')?.value === 'Tỉnh Đồng Nai (75)');
    await unit.fill('tan phu');
    await unit.press('Tab');
    expect(await page.locator('form small').textContent()).toContain('đơn vị khớp');
    await unit.fill('phuong tan hoa');
    await unit.press('Tab');
    expect(await unit.inputValue()).toBe('Phường Tân Hòa, Thành phố Biên Hòa (26005)');
    await page.getByLabel('Tên đăng nhập', { exact: true }).fill('new-here');
    await page.getByLabel('Mật khẩu (để trống: gửi liên kết)').fill('first-password');
    await page.keyboard.press('Enter');
    const row = page.locator('tbody tr', { hasText: 'new-here' });
    await row.waitFor();
    expect(await row.textContent()).toContain('Phường Tân Hòa');
    await row.getByRole('button', { name: 'Đổi vai trò' }).press('Enter');
    await page.locator('dialog').getByLabel('lãnh đạo').press('Space');
    expect(await faultsOf(page)).toEqual([]);
    await page.locator('dialog form button.main').press('Enter');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.waitForFunction(() => [...document.querySelectorAll('tbody tr')].some((one) => one.textContent?.includes('new-here') && one.textContent.includes('lãnh đạo')));
    await row.getByRole('button', { name: 'Đặt mật khẩu' }).press('Enter');
    await page.keyboard.type('second-password');
    await page.keyboard.press('Tab');
    await page.keyboard.type('second-passwort');
    await page.waitForSelector('dialog p.overdue');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('d');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog', { state: 'detached' });
    const signIn = async (password: string) => (await centre.call('POST', '/session', { as: null, body: { username: 'new-here', password } })).status;
    expect([await signIn('first-password'), await signIn('second-password')]).toEqual([401, 200]);

    const key = await centre.keyFor(['dossiers'], ['75']);
    await centre.send('dossiers', [{ eventId: 'y'.repeat(118), status: 'received', at: '01/07/2026', unit: '26068', note: 'z'.repeat(300) }, { eventId: 'no-time', dossier: 'N', status: 'received', at: '01/07/2026', unit: '26068', procedure: 'x' }], key);
    for (const [width, height] of [[1366, 768], [1024, 768]] as const) {
      await page.setViewportSize({ width, height });
      await page.goto(`${centre.url}/admin/refused`);
      await page.waitForSelector('tbody tr');
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect([width, await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)]).toEqual([width, 0]);
    }
    expect(await page.locator('tbody').textContent()).toContain('Trường «at» không phải thời điểm ISO 8601');
    expect(await faultsOf(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('the top bar stands in one line on a laptop, in both languages, and every mark can be read in the light', async () => {
    for (const language of ['vi', 'en']) for (const path of ['/console', '/inspection']) {
      const { page } = await enter(browser, centre, path, { language, size: [1366, 768], theme: 'light' });
      await page.waitForSelector('.simulated');
      if (path === '/console') await page.waitForSelector('.age.in_order');
      expect([language, path, await page.evaluate(() => (document.querySelector('.bar')?.clientHeight ?? 99) < 60)]).toEqual([language, path, true]);
      if (path === '/inspection') { await page.waitForSelector('.tools .simulated', { timeout: 20_000 }); expect(await faultsOf(page)).toEqual([]); }
      // What is held and cut must not be squeezed to a strip below the picture.
      if (path === '/inspection') { await page.waitForSelector('.range'); expect(await page.evaluate(() => document.querySelector('.range')?.clientHeight ?? 0)).toBeGreaterThan(150); }
      await page.context().close();
    }
  }, 120_000);

  it('an administrator sees who reports, and which days do not match', async () => {
    const key = await centre.keyFor(['dossiers'], ['75']);
    const day = new Date(Date.now() - 86_400_000).toLocaleDateString('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh' });
    expect((await centre.call('POST', '/ingest/day-close', { as: null, body: { unit: '26068', day, counts: { received: 99_999 } }, headers: { authorization: `Bearer ${key}` } })).body).toMatchObject({ matches: false });
    const { page, errors } = await enter(browser, centre, '/admin/coverage', { language: 'en' });
    await page.waitForSelector('tbody tr');
    const all = await page.locator('tbody tr').count();
    expect(all).toBeGreaterThan(100);
    await page.locator('th button', { hasText: 'Days apart' }).click();
    expect(await page.locator('th[aria-sort=ascending]').textContent()).toContain('Days apart');
    expect(await page.locator('tbody tr').first().textContent()).toContain('26068');
    await page.locator('tbody tr').first().locator('button.open').click();
    await page.waitForSelector('.days li');
    expect(await page.locator('.days li').first().textContent()).toContain('99.999');
    expect(await faultsOf(page)).toEqual([]);
    await page.fill('input[type=search]', 'no such unit');
    expect(await page.locator('tbody tr').count()).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  }, 120_000);

  it.skipIf(noCamera !== null)('a tile says what happened to its camera, keeps the last picture with its age, and comes back by itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'toan-canh-tile-'));
    const clip = join(folder, 'clip.h264');
    makeClip(clip);
    let camera = await startRtspCamera(clip);
    try {
      const made = await centre.call('POST', '/cameras', { body: { id: 'real-1', unit: '26068', name: 'Quầy thật', position: 'counter', url: camera.url } });
      expect(made.status).toBe(201);
      const { page, errors } = await enter(browser, centre, '/wall/toan-canh?desk=26068', { username: 'an-operator' });
      await page.waitForSelector('dialog .tile.live', { timeout: 60_000 });
      await camera.pull();
      await page.waitForSelector('dialog .tile .word', { timeout: 20_000 });
      await page.waitForFunction(() => /Mất kết nối.*hình cách đây \d\d:\d\d/s.test(document.querySelector('dialog .tile .word')?.textContent ?? ''), null, { timeout: 60_000 });
      camera = await startRtspCamera(clip, { port: camera.port });
      await page.waitForSelector('dialog .tile.live', { timeout: 60_000 });
      expect(errors).toEqual([]);
      await page.context().close();
    } finally {
      await camera.pull();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 240_000);

  it('the wall holds its composition from a laptop to 4K, and opens a desk from the map by keyboard', async () => {
    for (const size of [[1366, 768], [3840, 2160], [5760, 1080]] as [number, number][]) {
      const { page, errors } = await enter(browser, centre, '/wall/toan-canh', { size });
      await page.waitForSelector('.grid', { timeout: 20_000 });
      await page.waitForSelector('.map .mark');
      const cut = await page.evaluate(() => [...document.querySelectorAll('.wall .block, .wall .board button')].filter((box) => box.scrollHeight > box.clientHeight + 2).map((box) => box.className));
      expect([size, cut, await page.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight && document.documentElement.scrollWidth <= window.innerWidth)]).toEqual([size, [], true]);
      if (size[0] === 1366) {
        await page.focus('.map');
        await page.keyboard.press('ArrowUp');
        await page.keyboard.press('ArrowUp');
        await page.keyboard.press('Enter');
        await page.waitForSelector('dialog .desk');
        expect(await faultsOf(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.waitForSelector('dialog', { state: 'detached' });
        expect(await faultsOf(page)).toEqual([]);
      }
      expect(errors).toEqual([]);
      await page.context().close();
    }
  }, 150_000);
});

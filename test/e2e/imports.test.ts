/** An administrator brings somebody's export in: looked at, mended, tried, imported. */
import { existsSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { enter, faultsOf } from './walk.ts';

const reason = whyNoBrowser() ?? (existsSync(fromRoot('dist/client/index.html')) ? null : 'the client is not built (npm test builds it)');
if (reason !== null) console.warn(`skipped: ${reason}`);

describe.skipIf(reason !== null)('imports in a browser', () => {
  let centre: TestCentre;
  let browser: Browser;
  beforeAll(async () => {
    centre = await startTestCentre();
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => { await browser?.close(); await centre?.end(); });

  it('an administrator gives a file: columns are proposed, mended by a select, the mapping taken along, the file tried and imported', async () => {
    const { page, errors } = await enter(browser, centre, '/admin/imports', { theme: 'light', size: [1366, 768] });
    await page.waitForSelector('.choose');
    expect(await faultsOf(page)).toEqual([]);
    const rows = ['H-1;Nguyễn Văn An;Phường Hóa An;1.004199;25/01/2026;3', 'H-2;Lê Thị Hoa;Tân Phú;1.004199;26/01/2026;4'];
    await page.setInputFiles('input[type=file]', { name: 'hồ sơ.csv', mimeType: 'text/csv', buffer: Buffer.from(`Mã hồ sơ;Người nộp;Đơn vị;Mã TTHC;Ngày tiếp nhận;<img src=x onerror=document.title=1>\n${rows.join('\n')}\n`) });
    await page.waitForSelector('.take', { timeout: 20_000 });
    const text = async () => await page.locator('main').innerText();
    expect(await text()).toContain('2 dòng: 1 sự kiện, 1 dòng bị từ chối · Mã đơn vị không có trong cây đơn vị: 1');
    expect(await text()).toContain('không nhập: Người nộp');
    expect(await text()).not.toContain('Nguyễn Văn An');
    expect(await text()).toContain('<img src=x');
    expect(await text()).not.toMatch(/admin\.imports|undefined/);
    // By keyboard: another unit for all rows; the rows are read again at once.
    await page.getByLabel('Cột của trường Đơn vị', { exact: true }).selectOption('fixed');
    await page.getByLabel('Giá trị cho mọi dòng của Đơn vị').fill('26077');
    await page.waitForFunction(() => document.querySelector('main')?.textContent?.includes('2 sự kiện, 0 dòng bị từ chối'), null, { timeout: 20_000 });
    expect(await faultsOf(page)).toEqual([]);
    await page.getByText('Hoặc nhập bằng lệnh trên máy chủ').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Tải tệp ánh xạ' }).click()]);
    expect([download.suggestedFilename(), readFileSync(await download.path(), 'utf8')]).toEqual(['hồ sơ.csv.mapping.yaml', expect.stringContaining('unit: "26077"')]);
    await page.getByRole('button', { name: 'Gửi tệp lên và đọc thử' }).click();
    await page.getByText('Đã đọc thử, chờ bạn quyết định').waitFor({ timeout: 60_000 });
    expect(await text()).toContain('Đọc thử 2 dòng, thành 2 sự kiện; 0 bị từ chối; chưa nhập gì');
    await page.getByRole('button', { name: 'Nhập', exact: true }).click();
    await page.getByRole('button', { name: 'Nhấn lần nữa để nhập' }).click();
    await page.getByText('Đã nhập xong').waitFor({ timeout: 60_000 });
    expect(await text()).toContain('2 dòng: 2 sự kiện mới, 0 đã có, 0 bị từ chối');
    expect(await faultsOf(page)).toEqual([]);
    await page.setInputFiles('input[type=file]', { name: 'x.xlsx', mimeType: '', buffer: Buffer.from('PK\u0003\u0004 broken') });
    await page.waitForSelector('.problem', { timeout: 20_000 });
    expect([await page.locator('.take').count(), await text()]).toEqual([0, expect.stringContaining('CSV UTF-8')]);
    expect(errors).toEqual([]);
    await page.context().close();
  }, 180_000);
});

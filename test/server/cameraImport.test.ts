/** Cameras from a table: each row judged by itself, in every encoding that offices have, and no password in any answer. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CameraImport } from '#contract/cameraImport.ts';
import { fromRoot } from '#config/paths.ts';
import { readTable } from '#server/cameras/importCameras.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
beforeAll(async () => {
  centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
  await centre.createUser('desk', ['admin'], '26068');
});
afterAll(async () => { await centre?.end(); });
const send = async (text: string | Buffer, { dryRun = 'no', as = 'admin' } = {}) => await centre.call<CameraImport & { code?: string }>('POST', `/cameras/import?dryRun=${dryRun}`, { as, body: Buffer.isBuffer(text) ? text : Buffer.from(text), headers: { 'content-type': 'text/csv' } });
const ids = async () => (await centre.call<{ cameras: { id: string }[] }>('GET', '/cameras')).body.cameras.map((one) => one.id);

describe('cameras from a table', () => {
  const table = [
    'Mã camera;Đơn vị;Quầy;Tên camera;Vị trí;Địa chỉ RTSP;Luồng phụ;Tên đăng nhập;Mật khẩu;Cách truyền;Bật',
    'nhap-1;26068;1;Quầy số một;quầy;rtsp://127.0.0.1:9/a;;admin;canary-1 ;udp;không',
    'nhap-2;nowhere;1;X;quầy;rtsp://127.0.0.1:9/a;;;;;',
    'nhap-3;26068;1;X;quầy;rtsp://192.0.2.7/a;;;canary-3;;',
    'nhap-4;26068;1;X;trần nhà;rtsp://127.0.0.1:9/a;;;;;',
    'nhap-1;26068;2;X;quầy;rtsp://127.0.0.1:9/b;;;;;không',
    'nhap-5;26068;1;;quầy;rtsp://127.0.0.1:9/a;;;;;',
    'nhap-6;26068;1;X;quầy;rtsp://u:canary-6@127.0.0.1:9/a;;;;;',
    '', 'nhap-7;26068;;=1+1;cửa;rtsp://127.0.0.1:9/c;;;;auto;0',
  ].join('\r\n');
  const expected = [[2, null, null], [3, 'unit', 'unknown_cell_unit'], [4, 'url', 'camera_address'], [5, 'position', 'invalid_cell'], [6, 'id', 'conflict'], [7, 'name', 'invalid_cell'], [8, 'url', 'camera_credentials_in_url'], [10, null, null]];
  const seen = (body: CameraImport) => body.results.map((one) => [one.row, one.refusal?.column ?? null, one.refusal?.code ?? null]);

  it('looks first and saves nothing, then saves the good rows and tells the others', async () => {
    const looked = await send(table, { dryRun: 'yes' });
    expect(seen(looked.body)).toEqual(expected);
    expect(await ids()).toEqual([]);
    const saved = await send(table);
    expect(seen(saved.body)).toEqual(expected);
    expect([saved.body.rows, saved.body.good, saved.body.refused]).toEqual([8, 2, 6]);
    expect((await ids()).sort()).toEqual(['nhap-1', 'nhap-7']);
    expect(JSON.stringify([looked.body, saved.body])).not.toContain('canary');
    expect((await centre.call('GET', '/cameras/nhap-1')).body).toMatchObject({ unit: '26068', counter: '1', name: 'Quầy số một', position: 'counter', transport: 'udp', enabled: false, hasPassword: true, username: 'admin' });
    // Once more: what is in is told as being there.
    expect((await send(table, { dryRun: 'yes' })).body.results[0]?.refusal?.code).toBe('conflict');
  });
  it('reads the encodings of offices', () => {
    const text = 'Đơn vị,Tên camera,Địa chỉ\r\n26068,Cửa trước ở Trấn Biên,rtsp://127.0.0.1:9/a\r\n';
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), iconv.encode(text, 'utf-16le')]);
    // The old page has letters with hats and hooks, and the tones as marks of their own.
    const old = iconv.encode('Đơn vi\u0323,Tên camera,Đi\u0323a chi\u0309\r\n26068,Trâ\u0301n Biên,rtsp://127.0.0.1:9/a\r\n', 'windows-1258');
    for (const [name, bytes] of [['utf-8', Buffer.from(text)], ['utf-8', Buffer.from(`\ufeff${text}`)], ['utf-16le', utf16]] as const) expect(readTable(bytes)).toEqual({ encoding: name, columns: ['unit', 'name', 'url'], rows: [{ number: 2, cells: ['26068', 'Cửa trước ở Trấn Biên', 'rtsp://127.0.0.1:9/a'] }] });
    expect(readTable(old)).toEqual({ encoding: 'windows-1258', columns: ['unit', 'name', 'url'], rows: [{ number: 2, cells: ['26068', 'Trấn Biên', 'rtsp://127.0.0.1:9/a'] }] });
  });
  it('refuses a file that is no table of cameras, with the next step', async () => {
    for (const text of ['', 'a,b\r\n1,2', 'unit,name\r\n26068,x', 'unit,unit,name,url\r\n', '"unit,name\r\n', 'unit\u0000']) {
      const answer = await send(text);
      expect([text, answer.status, answer.body.code]).toEqual([text, 422, 'import_unreadable']);
    }
  });
  it('takes rows of the caller’s own units only', async () => {
    const answer = await send('id,unit,name,url,enabled\r\nfremd,25993,x,rtsp://127.0.0.1:9/a,0\r\neigen,26068,x,rtsp://127.0.0.1:9/a,0\r\n', { as: 'desk' });
    expect(seen(answer.body)).toEqual([[2, 'unit', 'unknown_cell_unit'], [3, null, null]]);
  });
  it('is a command of the shell as well', () => {
    const file = join(centre.dataDir, 'cameras.csv');
    writeFileSync(file, 'id,unit,name,url,password,enabled\r\nshell-1,26068,x,rtsp://127.0.0.1:9/a,canary-9,0\r\nshell-2,26068,x,http://127.0.0.1/a,canary-9,0\r\n');
    const run = (...more: string[]) => { try { return { code: 0, text: execFileSync(process.execPath, ['--import', 'tsx', fromRoot('server/commands/admin.ts'), 'import-cameras', file, ...more], { env: { ...process.env, DATA_DIR: centre.dataDir, DATABASE_URL: centre.databaseUrl, CAMERA_NETWORKS: '127.0.0.0/8', DEMO: 'off' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 }) }; } catch (error) { const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string }; return { code: status, text: stdout + stderr }; } };
    const dry = run('--dry-run');
    expect([dry.code, dry.text]).toEqual([2, expect.stringContaining('2 rows, 1 good (nothing was saved), 1 refused')]);
    expect(dry.text).toContain('dòng 3, cột url: camera_address');
    expect(run().text).toContain('2 rows, 1 saved, 1 refused');
    expect(dry.text).not.toContain('canary');
  }, 90_000);
});

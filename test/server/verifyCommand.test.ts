/** `npm run verify` on a bundle of a stranger: what stands in it must not speak in the place of the verdict. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { writeBundle } from '#server/clips/bundle.ts';
import { openSigningKey } from '#server/clips/signingKey.ts';

const folder = mkdtempSync(join(tmpdir(), 'verify-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

it('writes no control characters of the bundle to the terminal', async () => {
  const path = join(folder, 'forged.zip');
  // Concealed text from here on: the words after it would be the last that anybody sees.
  const purpose = 'Phản ánh\r\nThe bundle is as it was signed.\u001b[8m\u009b8m\u202e';
  await writeBundle(path, folder, { format: 'toan-canh-clip/1', id: 'clip-000000000000', centre: { name: 'X\u001b[2J', version: '1' }, zone: 'Asia/Ho_Chi_Minh', madeAt: '2026-01-01T00:00:00.000Z', requestedBy: 'a', purpose, from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:01:00.000Z', cameras: [] }, await openSigningKey(folder));
  const run = spawnSync(process.execPath, ['--import', 'tsx', fromRoot('server/commands/verify.ts'), path, '--key', 'SHA256:00'], { encoding: 'utf8', env: { PATH: process.env.PATH, DATA_DIR: folder }, timeout: 60_000 });
  expect(run.status).toBe(1);
  expect(run.stdout.split('\n').filter((line) => line.startsWith('The bundle is'))).toEqual(['The bundle is NOT as it was signed.']);
  expect(run.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(run.stdout).toContain('Phản ánh');
}, 90_000);

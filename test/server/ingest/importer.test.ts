/** The importer: encodings, dates, and a real municipal log with known figures. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import type { KpiAnswer } from '#contract/figures.ts';
import { openCsv } from '#server/ingest/importer/csv.ts';
import { eventsOfRow, instantOf, mappingFile } from '#server/ingest/importer/mapping.ts';
import { startTestCentre } from '../../support/centre.ts';

const folder = mkdtempSync(join(tmpdir(), 'toan-canh-import-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const REAL = fromRoot('../shared/data/receipt.csv');
const reason = existsSync(REAL) ? null : 'the real log ../shared/data/receipt.csv is not on this machine';
if (reason !== null) console.warn(`skipped: ${reason}`);

describe('an export', () => {
  it('is read in UTF-16, with a byte-order mark, with semicolons and quoted newlines', async () => {
    const text = 'mã;tên\n1;"Hồ sơ\nđất đai"\n2;Khai sinh\n';
    for (const [name, bytes] of [['16', Buffer.from(`\ufeff${text}`, 'utf16le')], ['bom', Buffer.from(`\ufeff${text}`)], ['plain', Buffer.from(text)]] as const) {
      writeFileSync(join(folder, name), bytes);
      const source = await openCsv(join(folder, name), 'utf-8');
      const rows: Record<string, string>[] = [];
      for await (const row of source.rows) rows.push(row);
      expect([name, source.columns, rows]).toEqual([name, ['mã', 'tên'], [{ mã: '1', tên: 'Hồ sơ\nđất đai' }, { mã: '2', tên: 'Khai sinh' }]]);
    }
  });
  it('has dates as people write them', () => {
    expect(['05/01/2026', '5/1/2026 8:05', '2026-01-05 08:05:06.123456+02:00', '2026-01-05', 'hôm qua'].map((text) => instantOf(text, '+07:00')))
      .toEqual(['2026-01-05T00:00:00+07:00', '2026-01-05T08:05:00+07:00', '2026-01-05T08:05:06.123+02:00', '2026-01-05T00:00:00+07:00', 'hôm qua']);
  });
  it('leaves out fields whose columns are empty, and reads a decimal comma', () => {
    const mapping = mappingFile.parse({ events: [{ fields: { eventId: '{id}:v', rating: '{điểm}', counter: '{quầy}', fault: '{lỗi}' } }] });
    expect(eventsOfRow({ id: '7', điểm: '4,0', quầy: '', lỗi: 'Có' }, mapping)).toEqual([{ eventId: '7:v', rating: 4, fault: true }]);
  });
});

describe.skipIf(reason !== null)('the real log', () => {
  it('gives its known figures, and a second import changes nothing', async () => {
    const centre = await startTestCentre();
    try {
      const key = await centre.keyFor(['dossiers'], ['75']);
      const run = () => promisify(execFile)(process.execPath, ['--import', 'tsx', fromRoot('server/commands/import.ts'), 'dossiers', REAL, '--mapping', fromRoot('docs/import/receipt-mapping.yaml'), '--url', centre.url], { cwd: fromRoot(), env: { ...process.env, INGEST_KEY: key } });
      const figures = async () => (await centre.call<KpiAnswer>('GET', '/kpis?unit=75&from=2010-01-01&to=2012-12-31')).body.dossiers;
      expect((await run()).stderr).toContain('0 refused');
      const first = await figures();
      expect([first.received, first.resolved, first.resolvedEarly + first.resolvedOnTime, first.resolvedLate, first.pending]).toEqual([1434, 1329, 952, 377, 105]);
      expect((await run()).stderr).toContain(' 0 accepted');
      expect(await figures()).toEqual(first);
    } finally { await centre.end(); }
  }, 120_000);
});

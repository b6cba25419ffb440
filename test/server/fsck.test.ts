/** fsck-recordings finds each difference between files, journal and catalogue, and makes the catalogue anew from the journal. */
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { JournalEntry } from '#contract/node.ts';
import { catalogue } from '#server/cameras/nodes.ts';
import { fsckRecordings } from '#server/recordings/fsck.ts';
import { openJournal } from '#streams/recorder/journal.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let directory = '';
beforeAll(async () => { centre = await startTestCentre(); });
afterAll(async () => { await centre?.end(); });

const START = Date.UTC(2026, 0, 5);
const fileOf = (minute: number) => `${new Date(START + minute * 60_000).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z-abcdef.mp4`;
const path = (minute: number) => join(directory, 'a', fileOf(minute));
/** Six minutes of a camera, written by the recorder's own journal, the second one deleted again. */
beforeEach(async () => {
  rmSync(directory || join(tmpdir(), 'nothing-here'), { recursive: true, force: true });
  directory = mkdtempSync(join(tmpdir(), 'fsck-'));
  mkdirSync(join(directory, 'a'));
  const journal = await openJournal(directory, () => undefined);
  let entries: JournalEntry[] = [];
  for (let minute = 0; minute < 6; minute += 1) {
    const content = `minute ${minute}`;
    writeFileSync(path(minute), content);
    const [from, to] = [new Date(START + minute * 60_000).toISOString(), new Date(START + (minute + 1) * 60_000).toISOString()];
    entries = entries.concat(await journal.append([{ type: 'segment', camera: 'a', file: fileOf(minute), from, to, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), codec: 'h264' }]));
  }
  unlinkSync(path(1));
  entries = entries.concat(await journal.append([{ type: 'deleted', camera: 'a', file: fileOf(1), at: new Date(START).toISOString(), reason: 'expired' }]));
  await journal.close();
  await centre.database.query("DELETE FROM segments; UPDATE media_nodes SET journal_up_to = 7 WHERE id = 'local'");
  await catalogue(centre.database, 'local', entries);
});

const check = async (repair = false) => {
  const result = await fsckRecordings(centre.database, { node: 'local', directory, repair, now: new Date() });
  return result.faults.map((one) => `${one.kind} ${one.file === '' ? '' : one.file.slice(9, 13)}`);
};

it('finds nothing where all is well', async () => {
  expect(await check()).toEqual([]);
});

it('finds an altered byte, a shortened and a missing file, and one that nobody lists', async () => {
  writeFileSync(path(0), 'minutE 0');
  truncateSync(path(2), 3);
  unlinkSync(path(3));
  writeFileSync(path(30), 'left behind');
  expect(await check()).toEqual(['hash 0000', 'size 0002', 'missing 0003']);
  // What is being written at this moment is no difference; what lies there for long is.
  utimesSync(path(30), new Date(START), new Date(START));
  expect(await check()).toEqual(['hash 0000', 'size 0002', 'missing 0003', 'unlisted 0030']);
});

it('finds a line of the journal that was changed or taken out', async () => {
  const [name = ''] = readdirSync(directory).filter((one) => one.startsWith('journal-'));
  const lines = readFileSync(join(directory, name), 'utf8').trimEnd().split('\n');
  writeFileSync(join(directory, name), `${lines.filter((_, index) => index !== 3).join('\n')}\n`);
  expect(await check()).toEqual(['not_journaled 0003', 'chain 0004']);
  writeFileSync(join(directory, name), `${lines.map((line, index) => (index === 4 ? line.replace('T00:04:00.000Z', 'T00:04:01.000Z') : line)).join('\n')}\n`);
  expect(await check()).toEqual(['differs 0004', 'chain 0004']);
  writeFileSync(join(directory, name), `${lines.join('\n')}\n`);
  appendFileSync(join(directory, name), '{"seq":8,"type":"st');
  expect(await check()).toEqual([]);
});

it('finds a catalogue that says something else; --repair makes it anew from the journal', async () => {
  await centre.database.query('DELETE FROM segments WHERE file = $1', [fileOf(0)]);
  await centre.database.query("UPDATE segments SET bytes = 99 WHERE file = $1", [fileOf(2)]);
  await centre.database.query('UPDATE segments SET deleted_at = now() WHERE file = $1', [fileOf(4)]);
  await centre.database.query("INSERT INTO segments (camera, starts, ends, node, file, bytes, sha256) VALUES ('a', now(), now() + interval '1 minute', 'local', $1, 1, 'x')", [fileOf(50)]);
  const found = ['not_catalogued 0000', 'differs 0002', 'not_catalogued 0004', 'not_journaled 0050', 'missing 0050', 'chain 0001'];
  expect(await check()).toEqual(found);
  expect(await check(true)).toEqual(found);
  expect(await check()).toEqual([]);
});

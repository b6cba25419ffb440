import { appendFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '#contract/node.ts';
import { openJournal, type NewEntry } from '#streams/recorder/journal.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'journal-'));
const state = (camera: string): NewEntry => ({ type: 'state', camera, at: '2026-01-05T00:00:00.000Z', state: 'online', gap: null });

describe('the journal', () => {
  it('numbers its entries one after the other, over restarts', async () => {
    const directory = folder();
    const first = await openJournal(directory, () => undefined);
    await Promise.all([first.append([state('a')]), first.append([state('b'), state('c')])]);
    await first.close();
    const seen: JournalEntry[] = [];
    const second = await openJournal(directory, (entry) => seen.push(entry));
    expect(seen.map((one) => [one.seq, one.camera])).toEqual([[1, 'a'], [2, 'b'], [3, 'c']]);
    expect((await second.append([state('d')])).map((one) => one.seq)).toEqual([4]);
    expect((await second.after(2, 10)).map((one) => one.seq)).toEqual([3, 4]);
    expect((await second.after(0, 2)).map((one) => one.seq)).toEqual([1, 2]);
  });

  it.each(['{"seq":3,"type":"sta', '{"seq":3,"type":"state"}\n', '\u0000\u0000\u0000\u0000\n'])('drops a line torn by a crash: %j', async (torn) => {
    const directory = folder();
    const first = await openJournal(directory, () => undefined);
    await first.append([state('a'), state('b')]);
    await first.close();
    const [name = ''] = readdirSync(directory);
    const whole = readFileSync(join(directory, name), 'utf8');
    appendFileSync(join(directory, name), torn);
    const second = await openJournal(directory, () => undefined);
    expect(second.lastSeq).toBe(2);
    await second.append([state('c')]);
    await second.close();
    const text = readFileSync(join(directory, name), 'utf8');
    expect(text.startsWith(whole)).toBe(true);
    expect(text.trim().split('\n').map((line) => (JSON.parse(line) as JournalEntry).seq)).toEqual([1, 2, 3]);
  });

  it('lets old parts go when they are acknowledged and nothing in them is kept', async () => {
    const directory = folder();
    const journal = await openJournal(directory, () => undefined, 2);
    for (const camera of ['a', 'b', 'c', 'd', 'e']) await journal.append([state(camera)]);
    expect(readdirSync(directory).length).toBe(3);
    await journal.trim(1, () => false);
    expect(readdirSync(directory).length).toBe(3);
    await journal.trim(5, (entry) => entry.camera === 'c');
    expect((await journal.after(0, 10)).map((one) => one.camera)).toEqual(['c', 'd', 'e']);
    await journal.close();
    writeFileSync(join(directory, 'unrelated.txt'), '');
    expect((await openJournal(directory, () => undefined, 2)).lastSeq).toBe(5);
  });
});

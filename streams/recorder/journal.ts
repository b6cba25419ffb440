/**
 * What the recorder did, line after line, on disk before anyone is told: the truth about the recordings of this node.
 * Lines are appended and synced, never changed; a line torn by a crash is cut off at the next start. Kept in parts, so
 * that what is deleted and acknowledged can go as a whole.
 */
import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, truncate, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { chainText } from '#contract/chain.ts';
import { journalEntry, type JournalEntry } from '#contract/node.ts';

type Unnumbered<T> = T extends unknown ? Omit<T, 'seq' | 'previous' | 'chain'> : never;
export type NewEntry = Unnumbered<JournalEntry>;

export interface Journal {
  append(entries: NewEntry[]): Promise<JournalEntry[]>;
  /** Entries after `seq`, oldest first. */
  after(seq: number, limit: number): Promise<JournalEntry[]>;
  readonly lastSeq: number;
  /** After the disk was away: what is written next is written to what lies there now. */
  reopen(): Promise<void>;
  /** Removes leading parts that nobody needs: acknowledged, and every segment in them deleted since. */
  trim(acknowledged: number, isKept: (entry: JournalEntry) => boolean): Promise<void>;
  close(): Promise<void>;
}

const PART_LINES = 20_000;
/** The last chain value of each camera when a part was removed: its chain goes on from there. */
const HEADS = 'chain-heads.json';
/** What the centre asks for is nearly always the newest: so many stay in memory. */
const RECENT = 1000;
export const partName = (firstSeq: number): string => `journal-${String(firstSeq).padStart(12, '0')}.ndjson`;

interface Part { firstSeq: number; lines: number }

/** `onEntry` sees every entry that is on disk already, in order. */
export async function openJournal(directory: string, onEntry: (entry: JournalEntry) => void, partLines = PART_LINES): Promise<Journal> {
  const parts: Part[] = [];
  const heads = await readHeads(directory);
  let lastSeq = 0;
  for (const name of (await readdir(directory)).filter((one) => /^journal-\d{12}\.ndjson$/.test(one)).sort()) {
    const path = join(directory, name);
    const { entries, wholeBytes, bytes } = parse(await readFile(path));
    if (wholeBytes < bytes) await truncate(path, wholeBytes);
    for (const entry of entries) { lastSeq = entry.seq; if (entry.type === 'segment' && entry.chain !== undefined) heads.set(entry.camera, entry.chain); onEntry(entry); }
    parts.push({ firstSeq: Number(name.slice(8, 20)), lines: entries.length });
    // Also of a part without a line: a new disk goes on after what the one of before told.
    lastSeq = Math.max(lastSeq, Number(name.slice(8, 20)) - 1);
  }
  const recent: JournalEntry[] = [];
  let file: FileHandle | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  async function write(entries: NewEntry[]): Promise<JournalEntry[]> {
    if (entries.length === 0) return [];
    let part = parts.at(-1);
    if (part === undefined || part.lines >= partLines) {
      await file?.close();
      file = null;
      parts.push(part = { firstSeq: lastSeq + 1, lines: 0 });
    }
    file ??= await open(join(directory, partName(part.firstSeq)), 'a', 0o600);
    const fresh = new Map(heads);
    const numbered = entries.map((entry, index) => {
      if (entry.type !== 'segment') return { ...entry, seq: lastSeq + 1 + index } as JournalEntry;
      const previous = fresh.get(entry.camera) ?? '';
      const chain = createHash('sha256').update(chainText(previous, entry)).digest('hex');
      fresh.set(entry.camera, chain);
      return { ...entry, seq: lastSeq + 1 + index, previous, chain };
    });
    const before = (await file.stat()).size;
    try {
      await file.appendFile(numbered.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      await file.datasync();
    } catch (error) {
      // A full disk may have taken half a line: without this, the next one would be glued to it.
      await file.truncate(before).catch(() => undefined);
      throw error;
    }
    lastSeq += numbered.length;
    for (const [camera, chain] of fresh) heads.set(camera, chain);
    part.lines += numbered.length;
    recent.push(...numbered);
    recent.splice(0, Math.max(0, recent.length - RECENT));
    return numbered;
  }

  return {
    append(entries) {
      const written = queue.then(() => write(entries));
      queue = written.catch(() => undefined);
      return written;
    },
    async after(seq, limit) {
      await queue;
      if (recent[0] !== undefined && recent[0].seq <= seq + 1) return recent.filter((entry) => entry.seq > seq).slice(0, limit);
      const found: JournalEntry[] = [];
      for (const [index, part] of parts.entries()) {
        if ((parts[index + 1]?.firstSeq ?? Infinity) <= seq + 1) continue;
        for (const entry of parse(await readFile(join(directory, partName(part.firstSeq)))).entries) if (entry.seq > seq && found.push(entry) >= limit) return found;
      }
      return found;
    },
    get lastSeq() { return lastSeq; },
    async trim(acknowledged, isKept) {
      while (parts.length > 1) {
        const [oldest, next] = parts;
        if (oldest === undefined || next === undefined || next.firstSeq - 1 > acknowledged) return;
        const path = join(directory, partName(oldest.firstSeq));
        if (parse(await readFile(path)).entries.some(isKept)) return;
        const temporary = join(directory, `${HEADS}.new`);
        await writeFile(temporary, JSON.stringify(Object.fromEntries(heads)), { mode: 0o600 });
        await rename(temporary, join(directory, HEADS));
        await unlink(path);
        parts.shift();
        while (recent[0] !== undefined && recent[0].seq < next.firstSeq) recent.shift();
      }
    },
    async reopen() { await queue; await file?.close().catch(() => undefined); file = null; },
    async close() { await queue; await file?.close(); file = null; },
  };
}

async function readHeads(directory: string): Promise<Map<string, string>> {
  try { return new Map(Object.entries(JSON.parse(await readFile(join(directory, HEADS), 'utf8')) as Record<string, string>)); } catch { return new Map(); }
}

function parse(content: Buffer): { entries: JournalEntry[]; wholeBytes: number; bytes: number } {
  const entries: JournalEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const end = content.indexOf(0x0a, at);
    if (end < 0) break;
    let entry;
    try { entry = journalEntry.safeParse(JSON.parse(content.toString('utf8', at, end))); } catch { break; }
    if (!entry.success) break;
    entries.push(entry.data);
    at = end + 1;
  }
  return { entries, wholeBytes: at, bytes: content.length };
}

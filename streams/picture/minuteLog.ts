/**
 * What moved, minute by minute, until the centre has it: lines on disk, numbered without a gap, in parts that go when they
 * are acknowledged. Bounded: when the centre stays away, the oldest part goes. The centre keys by camera and minute, so a
 * line that is sent twice counts once.
 */
import { appendFile, mkdir, open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeMinute, type CameraMinute, type NodeMinute } from '#contract/picture.ts';

export interface MinuteLog {
  append(minutes: readonly CameraMinute[]): Promise<void>;
  /** The oldest that wait, not acknowledged. */
  waiting(limit: number): Promise<NodeMinute[]>;
  acknowledge(upTo: number): Promise<void>;
}

const PART_LINES = 5000;
/** 200 cameras looked at every third minute for about three days; 40 MB. */
const PARTS = 60;
const NAME = /^minutes-(\d{12})\.ndjson$/;

export async function openMinuteLog(directory: string, { partLines = PART_LINES, parts: most = PARTS } = {}): Promise<MinuteLog> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = (firstSeq: number): string => join(directory, `minutes-${String(firstSeq).padStart(12, '0')}.ndjson`);
  const parts: { firstSeq: number; lines: number }[] = [];
  let acknowledged = 0;
  let lastSeq = 0;
  for (const name of (await readdir(directory)).filter((one) => NAME.test(one)).sort()) {
    const firstSeq = Number(NAME.exec(name)?.[1]);
    const { minutes, wholeBytes, bytes } = parse(await readFile(join(directory, name)));
    if (wholeBytes < bytes) await truncate(join(directory, name), wholeBytes);
    parts.push({ firstSeq, lines: minutes.length });
    lastSeq = Math.max(firstSeq - 1, minutes.at(-1)?.seq ?? 0);
  }
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => { const turn = queue.then(work); queue = turn.catch(() => undefined); return turn; };

  return {
    append: (minutes) => inTurn(async () => {
      if (minutes.length === 0) return;
      let part = parts.at(-1);
      if (part === undefined || part.lines >= partLines) parts.push(part = { firstSeq: lastSeq + 1, lines: 0 });
      const text = minutes.map((minute, i) => `${JSON.stringify({ seq: lastSeq + 1 + i, ...minute })}\n`).join('');
      const file = await open(path(part.firstSeq), 'a', 0o600);
      const before = (await file.stat()).size;
      try { await file.appendFile(text); await file.datasync(); } catch (error) { await file.truncate(before).catch(() => undefined); throw error; } finally { await file.close(); }
      lastSeq += minutes.length;
      part.lines += minutes.length;
      while (parts.length > most) { const oldest = parts.shift(); if (oldest) await unlink(path(oldest.firstSeq)).catch(() => undefined); }
    }),
    waiting: (limit) => inTurn(async () => {
      const found: NodeMinute[] = [];
      for (const [i, part] of parts.entries()) {
        if ((parts[i + 1]?.firstSeq ?? lastSeq + 1) <= acknowledged + 1) continue;
        for (const minute of parse(await readFile(path(part.firstSeq))).minutes) if (minute.seq > acknowledged && found.push(minute) >= limit) return found;
      }
      return found;
    }),
    acknowledge: (upTo) => inTurn(async () => {
      acknowledged = Math.min(lastSeq, Math.max(acknowledged, upTo));
      while (parts.length > 1 && (parts[1]?.firstSeq ?? Infinity) <= acknowledged + 1) { const gone = parts.shift(); if (gone) await unlink(path(gone.firstSeq)).catch(() => undefined); }
      // The newest part goes too when all of it is known; its name keeps the count.
      const last = parts[0];
      if (parts.length === 1 && last !== undefined && last.lines > 0 && acknowledged === lastSeq) {
        await appendFile(path(lastSeq + 1), '', { mode: 0o600 });
        await unlink(path(last.firstSeq)).catch(() => undefined);
        parts[0] = { firstSeq: lastSeq + 1, lines: 0 };
      }
    }),
  };
}

/** A line torn by a crash ends the part. */
function parse(content: Buffer): { minutes: NodeMinute[]; wholeBytes: number; bytes: number } {
  const minutes: NodeMinute[] = [];
  let at = 0;
  for (let end = content.indexOf(0x0a); end >= 0; end = content.indexOf(0x0a, at)) {
    let minute;
    try { minute = nodeMinute.safeParse(JSON.parse(content.toString('utf8', at, end))); } catch { break; }
    if (!minute.success) break;
    minutes.push(minute.data);
    at = end + 1;
  }
  return { minutes, wholeBytes: at, bytes: content.length };
}

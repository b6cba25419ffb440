/** A wall clock that a test sets, for one process and its children: a preloaded library of forty lines, made here by the C compiler. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SteppedClock { environment: Record<string, string>; /** The clock of the process is this one's plus so many seconds. */ set(seconds: number): void }

/** The reason why there can be none here. */
export function makeSteppedClock(directory: string): SteppedClock | { reason: string } {
  if (process.platform !== 'linux') return { reason: 'clocks are stepped by a preloaded library, on Linux' };
  const [library, file] = [join(directory, 'stepped.so'), join(directory, 'stepped')];
  try { execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'steppedClock.c')], { stdio: 'ignore' }); } catch { return { reason: 'no C compiler (cc) on the PATH' }; }
  const set = (seconds: number): void => { const bytes = Buffer.alloc(8); bytes.writeBigInt64LE(BigInt(Math.trunc(seconds))); writeFileSync(file, bytes, { flag: 'r+' }); };
  writeFileSync(file, Buffer.alloc(8));
  return { environment: { LD_PRELOAD: library, STEPPED_CLOCK: file }, set };
}

/** What processes cost, from /proc: their time on the processor, their memory, their handles; and who is whose child. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS = 100;

function statOf(pid: number): string[] | null {
  try { return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' '); } catch { return null; }
}
/** Seconds on the processor, with those of children that ended and were waited for. */
export function cpuSeconds(pid: number, withEnded = false): number {
  const stat = statOf(pid);
  if (!stat) return 0;
  return ([11, 12, ...(withEnded ? [13, 14] : [])]).reduce((sum, at) => sum + Number(stat[at]), 0) / TICKS;
}
export function residentMB(pid: number): number {
  try { return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024; } catch { return 0; }
}
/** Memory that is not shared with others, and its part of what is. */
export function ownMB(pid: number): number {
  try { return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024; } catch { return 0; }
}
export function handles(pid: number): number {
  try { return readdirSync(`/proc/${pid}/fd`).length; } catch { return 0; }
}
export function commandOf(pid: number): string {
  try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(); } catch { return ''; }
}
/** All that this process has started, and they, and so on. */
export function descendants(root: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1] ?? 0);
    parents.set(parent, [...parents.get(parent) ?? [], Number(name)]);
  }
  const found: number[] = [];
  for (const queue = [root]; queue.length > 0;) {
    for (const child of parents.get(queue.shift() ?? 0) ?? []) { found.push(child); queue.push(child); }
  }
  return found;
}

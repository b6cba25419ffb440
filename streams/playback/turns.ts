/** Work of a kind goes some at once and in a row; when the row is too long the next is told to come again. */
import { Fault } from '#contract/faults.ts';

export function takeTurns(atOnce: number, waiting: number, refusal: string): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const row: (() => void)[] = [];
  return async (work) => {
    if (running < atOnce) running += 1;
    else {
      if (row.length >= waiting) throw new Fault('unavailable', refusal, { retryAfter: 2 });
      await new Promise<void>((resolve) => { row.push(resolve); });
    }
    try { return await work(); } finally { const next = row.shift(); if (next === undefined) running -= 1; else next(); }
  };
}

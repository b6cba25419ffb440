/** Gathers what was touched and works it off in rounds: never two rounds at once, never sooner than the window. */
export interface Coalescer<T> { touch(items: Iterable<T>): void; stop(): void }

export function coalesce<T>(windowMs: number, round: (touched: ReadonlySet<T>) => Promise<void>, onError: (error: unknown) => void): Coalescer<T> {
  let pending = new Set<T>();
  let timer: NodeJS.Timeout | null = null;
  let running = false;
  let stopped = false;
  const arm = () => { if (!stopped && !timer && !running) timer = setTimeout(run, windowMs); };
  const run = () => {
    timer = null;
    const touched = pending;
    pending = new Set();
    running = true;
    round(touched).catch((error: unknown) => {
      // What could not be worked off is not forgotten.
      for (const item of touched) pending.add(item);
      onError(error);
    }).finally(() => { running = false; if (pending.size > 0) arm(); });
  };
  return {
    touch(items) { for (const item of items) pending.add(item); if (pending.size > 0) arm(); },
    stop() { stopped = true; if (timer) clearTimeout(timer); },
  };
}

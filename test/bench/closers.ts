/** What was started is ended, the last first, however the run ends. */
export interface Closers { add(close: () => Promise<void> | void): void; closeAll(): Promise<void> }

export function openClosers(): Closers {
  const stack: (() => Promise<void> | void)[] = [];
  let closing: Promise<void> | null = null;
  return {
    add(close) { stack.push(close); },
    closeAll() {
      closing ??= (async () => {
        for (let close = stack.pop(); close; close = stack.pop()) {
          try { await close(); } catch (error) { process.stderr.write(`while ending: ${String(error)}\n`); }
        }
      })();
      return closing;
    },
  };
}

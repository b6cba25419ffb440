/**
 * What waits for its turn is done together. While pieces of work run, requests with the same key gather; the next piece
 * takes them all: one lock, one commit to disk, each counter row once. A request that comes alone never waits.
 */
interface Waiting<I, O> { item: I; resolve(answer: O): void; reject(error: unknown): void }
interface Line<I, O> { waiting: Waiting<I, O>[]; running: number }

/**
 * `work` gives an answer for each item, in their order, or fails as a whole. `most`: of what `sizeOf` counts in one piece.
 * `lanes`: pieces at a time; while one is alone with the database's lock, the next writes what depends on nobody. That is
 * worth its while for `many`; fewer wait for the piece that runs, and go in one.
 */
export function together<I, O>(work: (items: I[]) => Promise<O[]>, { sizeOf, most, many, lanes }: { sizeOf: (item: I) => number; most: number; many: number; lanes: number }): (key: string, item: I) => Promise<O> {
  const lines = new Map<string, Line<I, O>>();

  async function run(line: Line<I, O>): Promise<void> {
    let size = 0;
    const fits = line.waiting.findIndex((one, i) => { size += sizeOf(one.item); return i > 0 && size > most; });
    const piece = line.waiting.splice(0, fits === -1 ? line.waiting.length : fits);
    try {
      const answers = await work(piece.map((one) => one.item));
      piece.forEach((one, i) => { one.resolve(answers[i] as O); });
    } catch (error) {
      if (piece.length === 1) piece[0]?.reject(error);
      // One of them may be to blame: each for itself, so that it takes nobody along.
      else for (const one of piece) await work([one.item]).then(([answer]) => { one.resolve(answer as O); }, (own: unknown) => { one.reject(own); });
    }
  }
  async function serve(key: string, line: Line<I, O>): Promise<void> {
    line.running += 1;
    while (line.waiting.length > 0) await run(line);
    line.running -= 1;
    if (line.running === 0) lines.delete(key);
  }
  return async (key, item) => await new Promise<O>((resolve, reject) => {
    let line = lines.get(key);
    if (!line) lines.set(key, (line = { waiting: [], running: 0 }));
    line.waiting.push({ item, resolve, reject });
    if (line.running === 0 || (line.running < lanes && line.waiting.reduce((sum, one) => sum + sizeOf(one.item), 0) >= many)) void serve(key, line);
  });
}

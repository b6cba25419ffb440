/** Chance that can be repeated: the same words give the same numbers, on every start. */
export interface Chance { next(): number; between(from: number, to: number): number; whole(from: number, to: number): number; pick<T>(list: readonly T[]): T; yes(share: number): boolean }

export function chanceOf(words: string): Chance {
  let state = 2_166_136_261;
  for (let i = 0; i < words.length; i += 1) state = Math.imul(state ^ words.charCodeAt(i), 16_777_619);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next, between: (from, to) => from + (to - from) * next(), whole: (from, to) => Math.floor(from + (to - from + 1) * next()),
    pick: <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T, yes: (share) => next() < share,
  };
}

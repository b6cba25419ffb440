/** One finding is none: a state begins after several looks that agree, and ends when as many do not. Pure. */

export interface Steady<T extends string> {
  /** Takes one look; returns whether what holds has changed. */
  take(found: T | null): boolean;
  readonly held: T | null;
  /** True while looks disagree with what holds: worth looking again soon. */
  readonly doubtful: boolean;
}

export function steady<T extends string>(opens: (found: T) => number, closes: number): Steady<T> {
  let held: T | null = null;
  let other: T | null = null;
  let agreeing = 0;
  return {
    take(found) {
      if (found === held) { agreeing = 0; return false; }
      agreeing = found === other ? agreeing + 1 : 1;
      other = found;
      if (agreeing < (found === null ? closes : opens(found))) return false;
      held = found;
      agreeing = 0;
      return true;
    },
    get held() { return held; },
    get doubtful() { return agreeing > 0; },
  };
}

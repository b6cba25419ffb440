/**
 * What comes up on a screen for a while. One at a time; the more important goes before; what has to give way comes back for
 * the time that it had left; what waits is bounded, and forgotten when it has waited too long. Times in milliseconds.
 */
export interface Popup { key: string; priority: number; holdMs: number; askedAt: number }
export interface Shown<T extends Popup> { popup: T; since: number; until: number }
export interface Popups<T extends Popup> { shown: Shown<T> | null; waiting: T[] }

export const MAX_WAITING = 8;
/** News of five minutes ago is a list, not a reason to take a screen. */
export const MAX_WAIT = 300_000;
/** Less than this is not worth coming back for. */
const SHORTEST = 5_000;
export const noPopups = <T extends Popup>(): Popups<T> => ({ shown: null, waiting: [] });

const before = (a: Popup, b: Popup) => b.priority - a.priority || a.askedAt - b.askedAt;
const put = <T extends Popup>(popup: T, now: number): Shown<T> => ({ popup, since: now, until: now + popup.holdMs });

/** Ends what has had its time and takes the next. */
export function settle<T extends Popup>({ shown, waiting }: Popups<T>, now: number): Popups<T> {
  if (shown !== null && now < shown.until) return { shown, waiting: waiting.filter((one) => now - one.askedAt < MAX_WAIT) };
  const [next, ...rest] = waiting.filter((one) => now - one.askedAt < MAX_WAIT).sort(before);
  return next === undefined ? { shown: null, waiting: [] } : { shown: put(next, now), waiting: rest };
}

/** The same key again replaces what it was; when it is on the screen, its time begins anew. */
export function admit<T extends Popup>(popups: Popups<T>, newcomer: T, now: number): Popups<T> {
  const { shown, waiting: all } = settle(popups, now);
  const waiting = all.filter((one) => one.key !== newcomer.key);
  if (shown === null || shown.popup.key === newcomer.key) return { shown: put(newcomer, now), waiting };
  if (newcomer.priority <= shown.popup.priority) return { shown, waiting: bounded([...waiting, newcomer]) };
  const left = shown.until - now;
  return { shown: put(newcomer, now), waiting: bounded(left >= SHORTEST ? [{ ...shown.popup, holdMs: left }, ...waiting] : waiting) };
}

/** Takes some out, wherever they are; the next comes up at once. */
export function withdraw<T extends Popup>({ shown, waiting }: Popups<T>, which: (popup: T) => boolean, now: number): Popups<T> {
  return settle({ shown: shown !== null && which(shown.popup) ? null : shown, waiting: waiting.filter((one) => !which(one)) }, now);
}

const bounded = <T extends Popup>(waiting: T[]): T[] => [...waiting].sort(before).slice(0, MAX_WAITING);

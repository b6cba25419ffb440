/**
 * How long recordings will last: from what each camera writes a day, what is promised, and the room of their disk. An
 * estimate that says so: cameras go on as in the last week.
 */
const FOREVER_DAYS = 3650;

export interface StoredCamera {
  camera: string;
  bytes: number; heldBytes: number;
  /** Null: recorded for too short to tell. */
  perDay: number | null;
  /** What is promised. */
  days: number; limitBytes: number | null;
}
export interface Lasting { keptDays: number | null; limitedBy: 'days' | 'bytes' | 'disk' | null }
export interface StorageForecast {
  /** In so many days the oldest has to go before its days are over; null: never, as things are. */
  shortInDays: number | null;
  cameras: Map<string, Lasting>;
}

/** `freeBytes`: free above the floor at which the oldest begins to go. Of bytes and days. */
export function forecastStorage(cameras: readonly StoredCamera[], freeBytes: number): StorageForecast {
  const known = cameras.filter((one): one is StoredCamera & { perDay: number } => one.perDay !== null && one.perDay > 0);
  // What is held goes by no rule: neither its bytes nor its room count.
  const loose = (one: StoredCamera) => Math.max(0, one.bytes - one.heldBytes);
  const room = known.reduce((sum, one) => sum + loose(one), Math.max(0, freeBytes));
  const most = (one: StoredCamera & { perDay: number }, days: number) => Math.min(one.perDay * Math.min(days, one.days), one.limitBytes ?? Infinity);
  const steady = largest((days) => known.reduce((sum, one) => sum + most(one, days), 0) <= room);
  const fills = largest((days) => known.reduce((sum, one) => sum + Math.max(loose(one), Math.min(loose(one) + one.perDay * days, most(one, Infinity))), 0) <= room);
  return {
    shortInDays: steady >= FOREVER_DAYS ? null : fills,
    cameras: new Map(cameras.map((one): [string, Lasting] => {
      if (one.perDay === null || one.perDay <= 0) return [one.camera, { keptDays: null, limitedBy: null }];
      const bySize = one.limitBytes === null ? Infinity : one.limitBytes / one.perDay;
      const keptDays = Math.min(one.days, bySize, steady);
      return [one.camera, { keptDays, limitedBy: keptDays === one.days ? 'days' : keptDays === bySize ? 'bytes' : 'disk' }];
    })),
  };
}

/** The largest number of days for which it still holds, to a hundredth of a day; it holds for fewer whenever it holds for more. */
function largest(holds: (days: number) => boolean): number {
  if (holds(FOREVER_DAYS)) return FOREVER_DAYS;
  let [low, high] = [0, FOREVER_DAYS];
  while (high - low > 0.01) { const middle = (low + high) / 2; if (holds(middle)) low = middle; else high = middle; }
  return low;
}

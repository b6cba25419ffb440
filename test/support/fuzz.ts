/** Seeded disorder: the same seed makes the same cases, so that what fails once fails again. */
export interface Dice { below(n: number): number; pick<T>(from: readonly T[]): T; text(): string; bytes(most: number): Buffer; value(depth?: number): unknown; seed: number }

/** All cases together; FUZZ_SEED makes others. FUZZ_ONLY=part:number does one again. */
export const CASES = Number(process.env.FUZZ_CASES ?? 100_000);
export const SEED = Number(process.env.FUZZ_SEED ?? 20_260_105);
const ONLY = /^(\w+):(\d+)$/.exec(process.env.FUZZ_ONLY ?? '');
/** So many hundredths of them each. */
export const SHARES = { http: 8, ingest: 4, sockets: 9, files: 8, rows: 70, bytes: 1 } as const;
export type Part = keyof typeof SHARES;
export const casesOf = (part: Part): number => Math.ceil((CASES * SHARES[part]) / 100);

const NASTY = ['', '0', '-1', '1e999', 'NaN', '__proto__', 'constructor', 'toString', '../../etc/passwd', '%2e%2e%2f', '%00', '%', '%zz', 'null', 'undefined', '[]', '{}', '\u0000', '\ud800', '\u202e', '\ufeff', "' OR 1=1 --", '"; DROP TABLE users; --', '<script>', '${7*7}', '9'.repeat(400), 'a'.repeat(5_000), '2026-02-30', '2026-13-01T00:00:00Z', '275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z', '2026-01-05T08:00:00+99:99', 'Đồng Nai', '75', '26068', '731', '\r\nx: y', '=1+1', '1.7976931348623157e308', '9007199254740993', '0x10', '1_000', '٣', '१'];
const NUMBERS = [0, -0, 1, -1, 0.1, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, Number.MIN_VALUE, 1.5];
const NAMES = ['unit', 'from', 'to', 'at', 'by', 'eventId', 'dossier', 'status', 'username', 'password', 'roles', 'id', 'camera', 'state', 'limit', 'before', 'code', 'token', 'reason', 'kinds', 'units', 'name', 'facts', '__proto__', 'constructor', 'toString', 'length', ''];

export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  // mulberry32
  const next = () => { state = (state + 0x6d2b79f5) >>> 0; let t = state; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296; };
  const dice: Dice = {
    seed,
    below: (n) => Math.floor(next() * n),
    pick: (from) => from[Math.floor(next() * from.length)] as (typeof from)[number],
    text: () => { const one = dice.pick(NASTY); return dice.below(4) === 0 ? one + dice.pick(NASTY) : one; },
    bytes: (most) => Buffer.from(Array.from({ length: dice.below(most) }, () => dice.below(256))),
    value(depth = 0) {
      const kind = dice.below(depth > 3 ? 5 : 8);
      if (kind === 0) return null;
      if (kind === 1) return dice.below(2) === 0;
      if (kind === 2) return dice.pick(NUMBERS);
      if (kind < 5) return dice.text();
      if (kind === 5) return Array.from({ length: dice.below(5) }, () => dice.value(depth + 1));
      // By defineProperty: `__proto__` as an own name, as JSON.parse makes it.
      const made = {};
      for (let i = dice.below(6); i > 0; i -= 1) Object.defineProperty(made, dice.pick(NAMES), { value: dice.value(depth + 1), enumerable: true, configurable: true, writable: true });
      return made;
    },
  };
  return dice;
}

/** Runs the cases of a part some at a time; what a case tells is thrown with what makes it again. */
export async function eachCase(part: Part, cases: number, atOnce: number, one: (dice: Dice, n: number) => Promise<string | null>): Promise<void> {
  const only = ONLY === null ? null : ONLY[1] === part ? Number(ONLY[2]) : -1;
  if (only === -1) return;
  let n = only ?? 0;
  const end = only === null ? cases : only + 1;
  const wrong: string[] = [];
  const from = process.cpuUsage();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (n < end && wrong.length < 5) {
      const mine = n;
      n += 1;
      const said = await one(diceOf(SEED + mine * 7_919), mine).catch((error: unknown) => String(error));
      if (said !== null) wrong.push(`FUZZ_SEED=${SEED} FUZZ_ONLY=${part}:${mine} — ${said}`);
    }
  }));
  const { user, system } = process.cpuUsage(from);
  console.info(`fuzz: ${part}, ${n} cases, ${((user + system) / 1e6).toFixed(1)} s of CPU here`);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

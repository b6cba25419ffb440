/** One-time codes by time: RFC 6238 over HMAC-SHA-1, steps of 30 s, six digits, as every authenticator app reads them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export const STEP_SECONDS = 30;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}
export const newFactorKey = (): Buffer => randomBytes(20);
export const stepOf = (at: Date): number => Math.floor(at.getTime() / 1000 / STEP_SECONDS);

export function codeAt(key: Uint8Array, step: number, digits = 6, algorithm = 'sha1'): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(algorithm, key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0');
}

/** The step of a code that is right now, one step early or late (clocks differ), and later than `after`; else null. */
export function stepOfCode(key: Uint8Array, code: string, at: Date, after: number): number | null {
  const given = Buffer.from(code);
  let found: number | null = null;
  for (let step = stepOf(at) - 1; step <= stepOf(at) + 1; step += 1) {
    const right = Buffer.from(codeAt(key, step));
    if (given.length === right.length && timingSafeEqual(given, right) && step > after) found ??= step;
  }
  return found;
}

export const otpauth = (key: Uint8Array, username: string, issuer: string): string =>
  `otpauth://totp/${encodeURIComponent(`${issuer}:${username}`)}?secret=${base32(key)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=${STEP_SECONDS}`;

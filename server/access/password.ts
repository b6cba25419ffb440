/** Passwords: argon2id (19 MiB, 2 passes: the OWASP minimum of 2023), and random ones that a person can copy. */
import { randomInt } from 'node:crypto';
import { hash, verify, type Options } from '@node-rs/argon2';

// erasableSyntaxOnly: the library's const enum is named by its value, 2 = Argon2id.
const OPTIONS: Options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
let decoy: Promise<string> | null = null;

export async function hashPassword(password: string): Promise<string> {
  return await hash(password, OPTIONS);
}

/** Null hash: an unknown name. The work is done all the same, so that the time does not tell who exists. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const against = stored ?? (await (decoy ??= hash('decoy', OPTIONS)));
  const right = await verify(against, password).catch(() => false);
  return stored !== null && right;
}

/** Four groups without letters that look alike; about 79 bits. */
export function randomPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  return Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')).join('-');
}

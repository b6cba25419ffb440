/** Sealing of secrets that must be read again (camera passwords): AES-256-GCM, the key in a file beside the database. */
import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Seal { close(secret: string | Buffer): Buffer; open(sealed: Buffer): string; open(sealed: Buffer, as: 'bytes'): Buffer }

export async function openSeal(dataDir: string): Promise<Seal> {
  const directory = join(dataDir, 'keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'seal.key');
  let text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => { if (error.code === 'ENOENT') return ''; throw error; });
  if (text === '') await writeFile(file, (text = randomBytes(32).toString('hex')), { mode: 0o600, flag: 'wx' });
  const key = Buffer.from(text.trim(), 'hex');
  if (key.length !== 32) throw new Error(`${file} is not a key of 32 bytes: restore it from the backup`);
  function open(sealed: Buffer): string;
  function open(sealed: Buffer, as: 'bytes'): Buffer;
  function open(sealed: Buffer, as?: 'bytes'): string | Buffer {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(12, 28));
    const plain = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
    return as === 'bytes' ? plain : plain.toString('utf8');
  }
  return {
    open,
    close(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
  };
}

export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
/** 256 random bits for tokens and keys. */
export const randomToken = (): string => randomBytes(32).toString('base64url');
export const sameSecret = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

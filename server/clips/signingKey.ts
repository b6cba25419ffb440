/** The key that signs bundles: Ed25519, made at the first start, in a file beside the database. Its public half is for whoever checks. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SigningKey { publicKey: string; fingerprint: string; sign(bytes: Buffer): string }

export const SIGNING_PUBLIC_KEY = 'clip-signing.pub';

/** Of the key's SPKI bytes, as `SHA256:…`: short enough to be read over the telephone. */
export const fingerprintOf = (key: KeyObject): string => `SHA256:${createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('hex')}`;

export async function openSigningKey(dataDir: string): Promise<SigningKey> {
  const directory = join(dataDir, 'keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'clip-signing.key');
  let pem = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => { if (error.code === 'ENOENT') return ''; throw error; });
  if (pem === '') {
    pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
  }
  const key = createPrivateKey(pem);
  const open = createPublicKey(key);
  await writeFile(join(directory, SIGNING_PUBLIC_KEY), open.export({ type: 'spki', format: 'pem' }), { mode: 0o644 });
  return { publicKey: open.export({ type: 'spki', format: 'pem' }).toString(), fingerprint: fingerprintOf(open), sign: (bytes) => sign(null, bytes, key).toString('base64') };
}

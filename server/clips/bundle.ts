/** A bundle: the pieces of video as they are, a manifest of what they are made of, and the signature of the manifest. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { createRequire } from 'node:module';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import yazl from 'yazl';
import type { ClipManifest } from '#contract/recording.ts';
import type { SigningKey } from './signingKey.ts';

// yazl reckons the checksum of each byte in JavaScript, slower than everything else here together; Node has it built in.
const require = createRequire(import.meta.url);
const ofYazl = createRequire(require.resolve('yazl'))('buffer-crc32') as { unsigned(bytes: Buffer, before?: number): number };
ofYazl.unsigned = (bytes, before = 0) => crc32(bytes, before);

export const MANIFEST = 'manifest.json';
export const SIGNATURE = 'manifest.sig.json';

/** Files of the manifest lie in `folder`. Stored, not compressed: video does not get smaller. */
export async function writeBundle(path: string, folder: string, manifest: ClipManifest, key: SigningKey): Promise<{ bytes: number; sha256: string }> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  const signature = { algorithm: 'Ed25519', signed: MANIFEST, publicKey: key.publicKey, fingerprint: key.fingerprint, signature: key.sign(text) };
  const mtime = new Date(manifest.madeAt);
  const zip = new yazl.ZipFile();
  const failed = new Promise<never>((_resolve, reject) => { zip.on('error', reject); });
  zip.addBuffer(text, MANIFEST, { compress: false, mtime, mode: 0o100644 });
  zip.addBuffer(Buffer.from(`${JSON.stringify(signature, null, 1)}\n`), SIGNATURE, { compress: false, mtime, mode: 0o100644 });
  for (const camera of manifest.cameras) for (const file of camera.files) zip.addFile(join(folder, file.name), file.name, { compress: false, mtime, mode: 0o100644 });
  zip.end();
  const hash = createHash('sha256');
  const hashed = async function* (chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer | string> { for await (const chunk of chunks) { hash.update(chunk); yield chunk; } };
  await Promise.race([pipeline(zip.outputStream, hashed, createWriteStream(path, { mode: 0o600 })), failed]);
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

/**
 * Whether a bundle is what a centre signed: every byte of its files, the signature, the key, and the chain of the segments
 * it was made of. Offline, from the file alone, without a database.
 */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Writable, type Readable } from 'node:stream';
import yauzl from 'yauzl';
import { chainText } from '#contract/chain.ts';
import { clipManifest, clipSignature, type ClipManifest } from '#contract/recording.ts';
import { MANIFEST, SIGNATURE } from './bundle.ts';
import { fingerprintOf } from './signingKey.ts';

/** `faults`: what is wrong; `notes`: what whoever reads should know. */
export interface Verdict { faults: string[]; notes: string[]; fingerprint: string | null; manifest: ClipManifest | null }

/** Nothing that a bundle holds beside its videos is larger. */
const MOST_TEXT = 32 * 1024 * 1024;

/** `trusted`: the centre's public key or its fingerprint; null: only the bundle's own key is there to compare with. */
export async function verifyBundle(path: string, trusted: KeyObject | string | null): Promise<Verdict> {
  const verdict: Verdict = { faults: [], notes: [], fingerprint: null, manifest: null };
  let read: Contents;
  try { read = await readZip(path); } catch (error) { verdict.faults.push(`the file is no whole zip: ${error instanceof Error ? error.message : String(error)}`); return verdict; }
  const text = read.texts.get(MANIFEST);
  const signatureText = read.texts.get(SIGNATURE);
  if (text === undefined || signatureText === undefined) { verdict.faults.push(`${text === undefined ? MANIFEST : SIGNATURE} is missing`); return verdict; }
  checkSignature(text, signatureText, trusted, verdict);
  const parsed = clipManifest.safeParse(json(text));
  if (!parsed.success) { verdict.faults.push(`${MANIFEST} does not have its form`); return verdict; }
  verdict.manifest = parsed.data;
  const listed = new Set([MANIFEST, SIGNATURE]);
  for (const { files } of parsed.data.cameras) {
    for (const file of files) {
      listed.add(file.name);
      const found = read.files.get(file.name);
      if (found === undefined) verdict.faults.push(`${file.name} is missing`);
      else if (found.bytes !== file.bytes || found.sha256 !== file.sha256) verdict.faults.push(`${file.name} is not the file that was signed: ${found.bytes} bytes, ${found.sha256.slice(0, 16)}…, signed ${file.bytes} bytes, ${file.sha256.slice(0, 16)}…`);
    }
  }
  for (const name of [...read.files.keys(), ...read.texts.keys()]) if (!listed.has(name)) verdict.faults.push(`${name} is in the bundle and not in the manifest`);
  for (const name of read.twice) verdict.faults.push(`${name} is in the bundle twice`);
  for (const camera of parsed.data.cameras) {
    checkChain(camera, verdict);
    if (camera.masks) verdict.notes.push(`${camera.camera}: masked and re-encoded; the hashes of segments are those of the originals, which are not in the bundle`);
  }
  const { unmasked } = parsed.data;
  if (unmasked) verdict.notes.push(`privacy masks were lifted: asked for by ${unmasked.requestedBy}, released by ${unmasked.releasedBy}`);
  return verdict;
}

function checkSignature(text: Buffer, signatureText: Buffer, trusted: KeyObject | string | null, verdict: Verdict): void {
  const parsed = clipSignature.safeParse(json(signatureText));
  if (!parsed.success) { verdict.faults.push(`${SIGNATURE} does not have its form`); return; }
  let key: KeyObject;
  try { key = createPublicKey(parsed.data.publicKey); } catch { verdict.faults.push(`${SIGNATURE} has no readable key`); return; }
  if (key.asymmetricKeyType !== 'ed25519') { verdict.faults.push('the key is not Ed25519'); return; }
  verdict.fingerprint = fingerprintOf(key);
  if (!verify(null, text, key, Buffer.from(parsed.data.signature, 'base64'))) verdict.faults.push('the signature is not that of this manifest by this key');
  if (trusted === null) verdict.notes.push('the key was compared with nothing: compare the fingerprint with that of the centre, or give --key');
  else if ((typeof trusted === 'string' ? trusted : fingerprintOf(trusted)) !== verdict.fingerprint) verdict.faults.push(`signed by another key: ${verdict.fingerprint}`);
}

function checkChain({ camera, segments, gaps }: ClipManifest['cameras'][number], verdict: Verdict): void {
  const chained = segments.filter((one) => one.chain !== null);
  if (chained.length < segments.length) verdict.notes.push(`${camera}: ${segments.length - chained.length} segments are from before segments were chained`);
  for (const one of chained) if (createHash('sha256').update(chainText(one.previous ?? '', { ...one, camera })).digest('hex') !== one.chain) verdict.faults.push(`${camera}: segment ${one.file} is not what its chain says`);
  // Between neighbours nothing may be missing but what the manifest says is a gap.
  const values = new Set(chained.map((one) => one.chain));
  for (const [index, one] of chained.entries()) {
    const before = chained[index - 1];
    if (before === undefined || (one.previous !== null && values.has(one.previous))) continue;
    if (!gaps.some((gap) => Date.parse(gap.from) <= Date.parse(one.from) + 1 && Date.parse(gap.to) >= Date.parse(before.to) - 1)) verdict.faults.push(`${camera}: a segment is missing between ${before.file} and ${one.file}`);
  }
  for (const one of segments) if (!one.intact) verdict.notes.push(`${camera}: segment ${one.file} did not have the hash of its journal entry any more when the clip was made`);
}

function json(text: Buffer): unknown { try { return JSON.parse(text.toString('utf8')); } catch { return null; } }

interface Contents { texts: Map<string, Buffer>; files: Map<string, { bytes: number; sha256: string }>; twice: string[] }

async function readZip(path: string): Promise<Contents> {
  const contents: Contents = { texts: new Map(), files: new Map(), twice: [] };
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) => { yauzl.open(path, { lazyEntries: true, autoClose: true }, (error, opened) => { if (error) reject(error); else resolve(opened); }); });
  const open = (entry: yauzl.Entry) => new Promise<Readable>((resolve, reject) => { zip.openReadStream(entry, (error, stream) => { if (error) reject(error); else resolve(stream); }); });
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry: yauzl.Entry) => {
      const name = entry.fileName;
      const take = async () => {
        if (contents.texts.has(name) || contents.files.has(name)) contents.twice.push(name);
        const hash = createHash('sha256');
        const pieces: Buffer[] = [];
        let bytes = 0;
        const isText = name === MANIFEST || name === SIGNATURE;
        await pipeline(await open(entry), new Writable({ write(chunk: Buffer, _encoding, next) { bytes += chunk.length; hash.update(chunk); if (isText) pieces.push(chunk); next(isText && bytes > MOST_TEXT ? new Error(`${name} is too large`) : null); } }));
        if (isText) contents.texts.set(name, Buffer.concat(pieces)); else contents.files.set(name, { bytes, sha256: hash.digest('hex') });
        zip.readEntry();
      };
      take().catch(reject);
    });
    zip.readEntry();
  });
  return contents;
}

/** `npm run verify -- <bundle.zip>`: checks a bundle offline. Exit code 0: as signed; 1: not; 2: could not be checked. */
import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromRoot } from '#config/paths.ts';
import { verifyBundle } from '../clips/verifyBundle.ts';
import { SIGNING_PUBLIC_KEY } from '../clips/signingKey.ts';

const USAGE = `npm run verify -- <bundle.zip> [--key <public key file, or SHA256:… fingerprint>]
    checks that every file is as it was signed, the chain of the segments, and the key; without --key the key is
    compared with that of this machine's centre (DATA_DIR/keys), where there is one`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { key: { type: 'string' }, help: { type: 'boolean' } } });
  const [path] = positionals;
  if (values.help === true || path === undefined) { process.stdout.write(`${USAGE}\n`); return path === undefined && values.help !== true ? 2 : 0; }
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  const own = join(process.env.DATA_DIR ?? fromRoot('data'), 'keys', SIGNING_PUBLIC_KEY);
  const file = values.key ?? (existsSync(own) ? own : null);
  const verdict = await verifyBundle(path, file === null ? null : file.startsWith('SHA256:') ? file : createPublicKey(readFileSync(file)));
  const { manifest } = verdict;
  // A bundle comes from anybody: what it says must not steer the terminal, or hide what is said of it.
  const say = (text: string) => { process.stdout.write(`${text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')}\n`); };
  if (manifest) {
    say(`${manifest.id} · ${manifest.centre.name} · ${manifest.from} – ${manifest.to}`);
    say(`made ${manifest.madeAt} for ${manifest.requestedBy}: ${manifest.purpose}`);
    for (const one of manifest.cameras) say(`  ${one.camera} (${one.unitName}, ${one.name})${one.simulated ? ' SIMULATED' : ''}: ${one.files.length} files from ${one.segments.length} segments, ${one.gaps.length} gaps`);
  }
  if (verdict.fingerprint !== null) say(`key ${verdict.fingerprint}${file === null || verdict.faults.length > 0 ? '' : ` (as in ${file})`}`);
  for (const note of verdict.notes) say(`NOTE  ${note}`);
  for (const fault of verdict.faults) say(`WRONG ${fault}`);
  say(verdict.faults.length === 0 ? 'The bundle is as it was signed.' : 'The bundle is NOT as it was signed.');
  return verdict.faults.length === 0 ? 0 : 1;
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});

/**
 * Whether a dependency that ships has a known weakness of level high or critical, as the registry tells it. Where the registry
 * does not answer that question (no network, a mirror without it), the check is skipped with the reason, and does not fail.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PATIENCE = 60_000;
/** npm as it came with this Node; a shell would be asked on Windows alone. */
const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
const npm = existsSync(beside) ? [process.execPath, [beside]] : ['npm', []];

/** `{ findings }`: names with level and title, none is well; or `{ skipped }`: why nothing is known. */
export async function knownWeaknesses({ cwd = process.cwd(), environment = {} } = {}) {
  const { said, ended } = await new Promise((resolve) => {
    const child = spawn(npm[0], [...npm[1], 'audit', '--omit=dev', '--audit-level=high', '--json', '--package-lock-only', '--fetch-retries=1', '--fetch-timeout=20000'], { cwd, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'ignore'], timeout: PATIENCE });
    let text = '';
    child.stdout.on('data', (part) => { text += String(part); });
    child.once('error', (error) => { resolve({ said: '', ended: error.message }); }).once('close', (code, signal) => { resolve({ said: text, ended: signal === null ? `exit ${code}` : `no answer within ${PATIENCE / 1000} s` }); });
  });
  let report;
  try { report = JSON.parse(said); } catch { return { skipped: `npm audit gave no report (${ended})` }; }
  // A report without counts is the text of an error: nobody answered, so nothing is known.
  if (typeof report?.metadata?.vulnerabilities?.high !== 'number') return { skipped: `the registry did not answer npm audit (${String(report?.error?.summary || report?.message || report?.error?.code || ended).split('\n')[0].replace(/https?:\/\/\S+/g, 'its address').slice(0, 160)})` };
  const findings = Object.values(report.vulnerabilities).filter((one) => one.severity === 'high' || one.severity === 'critical')
    .map((one) => `${[one.name, one.range].filter((text) => text !== '').join(' ')}: ${one.severity} — ${one.via.map((via) => (typeof via === 'string' ? `through ${via}` : via.title)).join('; ')}`);
  return { findings };
}

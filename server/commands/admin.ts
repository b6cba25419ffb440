/** `npm run admin -- <command>`: what an administrator does from a shell. Thin: it reads arguments and calls a capability. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { ConfigProblems, loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { dayOf, zoneOf } from '#analytics/time/localDay.ts';
import type { Config } from '#config/schema.ts';
import { INGEST_KINDS, ROLES, type IngestKind, type Role } from '#contract/vocabulary.ts';
import { createIngestKey } from '../access/keyRoutes.ts';
import { hashPassword, randomPassword } from '../access/password.ts';
import { openSeal } from '../access/seal.ts';
import { importCameras } from '../cameras/importCameras.ts';
import { audit } from '../audit/append.ts';
import { readAnchors } from '../audit/anchor.ts';
import { verifyAudit } from '../audit/verify.ts';
import { breakGlass } from '../access/breakGlass.ts';
import { resetSecondFactor } from '../access/secondFactor.ts';
import { rulesOf } from '../centre.ts';
import { startEmbedded } from '../database/embedded.ts';
import { makeHypertables } from '../database/eventTables.ts';
import { migrate, prepare } from '../database/migrate.ts';
import { openPool, type Database } from '../database/pool.ts';
import { recomputeDeadlines } from '../deadlines/recompute.ts';
import { fsckRecordings } from '../recordings/fsck.ts';
import { recount } from '../figures/recount.ts';
import { purgeSimulation } from '../simulation.ts';
import { loadUnits } from '../units/tree.ts';

interface Command { usage: string; does: string; run(database: Database, args: string[], config: Config, url: string): Promise<number> }
const print = (text: string) => { process.stdout.write(`${text}\n`); };
const options = (args: string[], names: readonly string[], flags: readonly string[] = []) =>
  parseArgs({ args, allowPositionals: true, options: { ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])), ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' as const }])) } });

function list<T extends string>(text: unknown, known: readonly T[], what: string): T[] {
  const given = String(text ?? '').split(',').map((one) => one.trim()).filter((one) => one !== '');
  const unknown = given.find((one) => !(known as readonly string[]).includes(one));
  if (given.length === 0 || unknown !== undefined) throw new Error(`${what}: one or more of ${known.join(', ')}${unknown === undefined ? '' : `, not «${unknown}»`}`);
  return given as T[];
}

const unitsOf = async (database: Database, config: Config) => await loadUnits(database, config.units, config.successors, () => dayOf(Date.now(), zoneOf(config.centre.zone)));

const COMMANDS: Record<string, Command> = {
  'create-user': {
    usage: 'create-user <name> --roles operator,leader,inspector,admin --unit <code> [--password …]', does: 'creates an account; without --password a random one is printed once',
    async run(database, args, config) {
      const { values, positionals } = options(args, ['roles', 'unit', 'password']);
      const name = positionals[0];
      const units = await unitsOf(database, config);
      const unit = String(values.unit ?? config.centre.rootUnit);
      if (!name || !/^[A-Za-z0-9][A-Za-z0-9._@-]{1,79}$/.test(name)) throw new Error('a user name of letters, digits, «.», «_», «@», «-» is required');
      if (!units.tree.has(unit)) throw new Error(`unit «${unit}» is not in the unit tree`);
      const roles: Role[] = list(values.roles, ROLES, '--roles');
      const password = values.password === undefined ? randomPassword() : String(values.password);
      if (password.length < 10) throw new Error('a password has at least 10 characters');
      const made = await database.query('INSERT INTO users (username, password_hash, roles, unit) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [name, await hashPassword(password), roles, unit]);
      if (made.rowCount === 0) throw new Error(`«${name}» exists; use set-password`);
      await audit(database, { actor: 'shell', action: 'user.create', unit, subject: name, detail: { roles } }, new Date());
      print(values.password === undefined ? `${name}  ${password}` : `${name} was created`);
      return 0;
    },
  },
  'set-password': {
    usage: 'set-password <name> [--password …]', does: 'gives an account a new password; its sessions end',
    async run(database, args) {
      const { values, positionals } = options(args, ['password']);
      const name = positionals[0] ?? '';
      const password = values.password === undefined ? randomPassword() : String(values.password);
      if (password.length < 10) throw new Error('a password has at least 10 characters');
      const done = await database.query('UPDATE users SET password_hash = $2, enabled = true WHERE username = $1 AND oidc_subject IS NULL', [name, await hashPassword(password)]);
      if (done.rowCount === 0) throw new Error(`there is no account «${name}» with a password`);
      await database.query('DELETE FROM sessions WHERE username = $1', [name]);
      await audit(database, { actor: 'shell', action: 'user.change', subject: name, detail: { password: true } }, new Date());
      print(values.password === undefined ? `${name}  ${password}` : 'done');
      return 0;
    },
  },
  'reset-second-factor': {
    usage: 'reset-second-factor <name>', does: 'takes away the second factor of an account that lost it; its sessions end, and it enrols again at the next sign-in',
    async run(database, args) {
      const name = args[0] ?? '';
      const user = (await database.query<{ unit: string }>('SELECT unit FROM users WHERE username = $1', [name])).rows[0];
      if (!user) throw new Error(`there is no account «${name}»`);
      if (!await resetSecondFactor(database, name, { actor: 'shell', unit: user.unit }, new Date())) throw new Error(`«${name}» has no second factor`);
      print('done');
      return 0;
    },
  },
  'break-glass': {
    usage: 'break-glass --reason «…» [--hours 4]', does: 'opens an administrator account for some hours, when nobody who has the right can be had; all administrators are told, and it ends by itself',
    async run(database, args, config) {
      const { values } = options(args, ['reason', 'hours']);
      const reason = String(values.reason ?? '').trim();
      const hours = Number(values.hours ?? 4);
      if (reason.length < 10 || reason.length > 300) throw new Error('--reason: 10 to 300 characters that say why');
      if (!(hours >= 0.25 && hours <= 24)) throw new Error('--hours: 0.25 to 24');
      const made = await breakGlass(database, { reason, hours, by: ['shell'], rootUnit: config.centre.rootUnit }, new Date());
      print(`${made.username}  ${made.password}\nuntil ${made.until}`);
      return 0;
    },
  },
  'create-key': {
    usage: 'create-key <name> --kinds dossiers,queue,surveys,feedback,indicators --units <code,…>', does: 'creates an ingest key, printed once',
    async run(database, args, config) {
      const { values, positionals } = options(args, ['kinds', 'units']);
      const units = await unitsOf(database, config);
      const kinds: IngestKind[] = list(values.kinds ?? INGEST_KINDS.join(','), INGEST_KINDS, '--kinds');
      const wanted = String(values.units ?? config.centre.rootUnit).split(',');
      for (const unit of wanted) if (!units.tree.has(unit)) throw new Error(`unit «${unit}» is not in the unit tree`);
      const made = await createIngestKey(database, { name: positionals[0] ?? 'from the shell', kinds, units: wanted, simulated: false, by: 'shell' }, new Date());
      print(made.key);
      return 0;
    },
  },
  recount: {
    usage: 'recount [--check]', does: 'compares the counters with a recomputation from the events; without --check mends them',
    async run(database, args, config) {
      const { values } = options(args, [], ['check']);
      const result = await recount(database, rulesOf(config), values.check !== true);
      print(`${result.rows} counter rows, ${result.differences} differences`);
      for (const one of result.mismatches.slice(0, 20)) print(`  ${one.unit} ${one.day} ${one.counter}: counted ${one.counted}, recomputed ${one.recomputed}`);
      if (result.unproved.dossiers + result.unproved.tickets > 0) print(`taken as they stand, because retention removed their events: ${result.unproved.dossiers} dossiers, ${result.unproved.tickets} tickets; whether these were folded rightly cannot be proved any more`);
      if (result.differences > 0 && values.check !== true) print('mended');
      return result.differences > 0 && values.check === true ? 2 : 0;
    },
  },
  'recompute-deadlines': {
    usage: 'recompute-deadlines [--check]', does: 'takes deadlines to the configured working hours, special days and working days of procedures; keeps what was reported; --check only counts',
    async run(database, args, config) {
      const { values } = options(args, [], ['check']);
      const { zone } = config.centre;
      const shown = (at: number | null) => (at === null ? 'none' : new Date(at).toLocaleString('sv-SE', { timeZone: zone }).slice(0, 16));
      const done = await recomputeDeadlines(database, rulesOf(config), { actor: 'shell', at: new Date(), check: values.check === true });
      print(`${done.behind} dossiers reckoned by an earlier calendar; ${done.differing} have another deadline by this one, ${done.outcomes} of them another result (early, on time, late)`);
      for (const one of done.examples) print(`  ${one.code}: ${shown(one.before)} → ${shown(one.after)}`);
      if (done.differing > done.examples.length) print(`  … and ${done.differing - done.examples.length} more`);
      if (done.unprovable > 0) print(`${done.unprovable} dossiers keep theirs: retention removed their events`);
      if (values.check !== true) print('moved; the deadlines as first reported are kept beside them');
      return values.check === true && done.differing > 0 ? 2 : 0;
    },
  },
  'make-hypertables': {
    usage: 'make-hypertables', does: 'turns event tables that were made before TimescaleDB was installed into hypertables; stop the centre first',
    async run(database, _args, _config, url) {
      const { made, left, bytes } = await makeHypertables(url, Infinity);
      print(made.length > 0 ? `${made.join(', ')} (${Math.round(bytes / 1_048_576)} MB) are hypertables now` : left.length > 0 ? `left: ${left.join(', ')}` : 'nothing to do: TimescaleDB is not in this database, or they are hypertables already');
      if (made.length > 0) await audit(database, { actor: 'shell', action: 'database.hypertables', detail: { made, bytes } }, new Date());
      return 0;
    },
  },
  'import-cameras': {
    usage: 'import-cameras <file.csv> [--dry-run]', does: 'saves cameras from a CSV (UTF-8, UTF-16, windows-1258); tells each refused row with its column and cause',
    async run(database, args, config) {
      const { values, positionals } = options(args, [], ['dry-run']);
      const file = positionals[0];
      if (file === undefined || !existsSync(file)) throw new Error('a CSV file is required');
      const units = await unitsOf(database, config);
      const { rootUnit, cameraNetworks, dataDir } = config.centre;
      const saver = { username: 'shell', unit: rootUnit, scope: new Set(units.rows.map((unit) => unit.code)) };
      const done = await importCameras({ database, units, seal: await openSeal(dataDir), now: () => new Date(), cameraNetworks, rootUnit }, saver, readFileSync(file), values['dry-run'] === true);
      for (const { row, refusal } of done.results) if (refusal) print(`  dòng ${row}${refusal.column === null ? '' : `, cột ${refusal.column}`}: ${refusal.code}: ${refusal.messages.vi.cause}. ${refusal.messages.vi.next}\n    row ${row}: ${refusal.messages.en.cause}`);
      print(`${done.rows} dòng, ${done.good} ${done.dryRun ? 'nhận được (chưa lưu)' : 'đã lưu'}, ${done.refused} bị từ chối (${done.encoding})\n${done.rows} rows, ${done.good} ${done.dryRun ? 'good (nothing was saved)' : 'saved'}, ${done.refused} refused`);
      return done.refused > 0 ? 2 : 0;
    },
  },
  'verify-audit': {
    usage: 'verify-audit', does: 'walks the hash chain of the audit log, and compares it with the anchors kept outside the database',
    async run(database, _args, config) {
      const anchors = await readAnchors(config.centre.dataDir);
      const verdict = await verifyAudit(database, anchors);
      if (!verdict.ok) { print(`BROKEN at row ${verdict.brokenAt}: ${verdict.why}`); return 2; }
      print(`${verdict.rows} rows, the chain holds and agrees with ${anchors.length} anchors${anchors.length === 0 ? ' (none yet)' : `, the last of ${anchors.at(-1)?.at}`}; head ${verdict.head.slice(0, 16)}…`);
      return 0;
    },
  },
  'fsck-recordings': {
    usage: 'fsck-recordings [--node local] [--directory …] [--repair]', does: 'checks every recording of a node against journal and catalogue (size, hash, chain, missing, unlisted), on the machine of the node; --repair makes the catalogue anew from the journal',
    async run(database, args, config) {
      const { values } = options(args, ['node', 'directory'], ['repair']);
      const node = String(values.node ?? 'local');
      const started = Date.now();
      const result = await fsckRecordings(database, { node, directory: String(values.directory ?? join(config.centre.dataDir, 'recordings', node)), repair: values.repair === true, now: new Date() });
      for (const one of result.faults.slice(0, 200)) print(`  ${one.kind}: ${one.camera}/${one.file}: ${one.detail}`);
      if (result.faults.length > 200) print(`  … and ${result.faults.length - 200} more`);
      print(`${result.files} recordings, ${Math.round(result.bytes / 1e6)} MB in ${Math.round((Date.now() - started) / 1000)} s; ${result.faults.length} differences; ${result.pending} not told yet or being written`);
      if (values.repair === true) {
        await audit(database, { actor: 'shell', action: 'recordings.fsck', subject: node, detail: { differences: result.faults.length, repaired: result.repaired } }, new Date());
        print(`the catalogue follows the journal again: ${result.repaired} rows`);
      }
      return result.faults.length > 0 ? 1 : 0;
    },
  },
  'purge-demo': {
    usage: 'purge-demo', does: 'removes all simulated data, cameras and keys; stop the centre first',
    async run(database) {
      for (const [what, count] of Object.entries(await purgeSimulation(database))) if (count > 0) print(`  ${what}: ${count}`);
      await audit(database, { actor: 'shell', action: 'demo.purge' }, new Date());
      print('the simulated province was removed');
      return 0;
    },
  },
};

function help(): void {
  print('npm run admin -- <command>\n');
  for (const command of Object.values(COMMANDS)) print(`  ${command.usage}\n      ${command.does}`);
  print('\nNot built yet: backup, restore.');
}

async function main(): Promise<number> {
  const [name = '--help', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) { help(); return name === '--help' || name === 'help' ? 0 : 1; }
  if (args.includes('--help')) { print(`npm run admin -- ${command.usage}\n    ${command.does}`); return 0; }
  const config = loadConfig({ dir: process.env.CONFIG_DIR ?? fromRoot('config'), environment: process.env });
  const log = pino({ level: 'error' }, pino.destination(2));
  // A running centre has the embedded database open: its address is in the data directory.
  const open = await databaseOf(config, log);
  try { return await command.run(open.database, args, config, open.url); } finally { await open.close(); }
}

async function databaseOf(config: Config, log: pino.Logger): Promise<{ database: Database; url: string; close(): Promise<void> }> {
  const pool = (url: string) => openPool(url, () => undefined, { size: 3, patience: 3_600_000 });
  if (config.centre.databaseUrl !== null) { const database = pool(config.centre.databaseUrl); return { database, url: config.centre.databaseUrl, close: () => database.end() }; }
  const addressFile = join(config.centre.dataDir, 'keys', 'postgres.url');
  if (existsSync(addressFile)) {
    const url = readFileSync(addressFile, 'utf8').trim();
    const database = pool(url);
    try { await database.query('SELECT 1'); return { database, url, close: () => database.end() }; } catch { await database.end(); }
  }
  const embedded = await startEmbedded({ dataDir: config.centre.dataDir, searchPath: process.env.PATH ?? '', log });
  await prepare(embedded.url);
  await migrate(embedded.url, () => undefined);
  const database = pool(embedded.url);
  return { database, url: embedded.url, async close() { await database.end(); await embedded.stop(); } };
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  process.stderr.write(`${error instanceof ConfigProblems ? `The configuration is not valid:\n${error.message}` : error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

/**
 * Imports that run in the centre: received in pieces, run one at a time by a process of their own (commands/importJob.ts) under
 * an ingest key of their own, gone on with after a restart. Rows that were acknowledged are noted; ids come from the mapping:
 * nothing is counted twice.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { fromRoot } from '#config/paths.ts';
import { DAY } from '#analytics/time/localDay.ts';
import { Fault } from '#contract/faults.ts';
import type { ImportJob, ImportKind } from '#contract/imports.ts';
import { createIngestKey } from '../access/keyRoutes.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';
import { readMapping } from './importer/mapping.ts';
import { ImportProblem, type Said, type Totals } from './importer/texts.ts';

const MB = 1_048_576;
/** Left free for everything else in DATA_DIR. */
const SPARE = 1e9;
/** Each id of the file is kept in memory, with a print of its event: about a hundred bytes. */
const MEMORY_MB = 2_048;
const MOST_ATTEMPTS = 4;
/** A file that is not imported to its end is not kept for long: citizens' data may stand in it. */
const FILE_DAYS = 2;
const FAILED: Said = { vi: 'Chương trình đọc tệp kết thúc bất thường (có thể do tệp quá lớn). Chia tệp rồi thử lại; nếu còn lỗi, xem nhật ký.', en: 'The reader of the file ended unexpectedly (it may be too large). Split the file and try again; if it stays, see the log.' };

export interface ImportRow extends Record<string, unknown> {
  id: string; kind: ImportKind; unit: string; name: string; bytes: number; received: number; state: ImportJob['state']; trial: boolean; totals: Totals | null; tried: Totals | null; problem: Said | null;
  key_id: string | null; attempts: number; created_by: string; created_at: Date; touched_at: Date; ended_at: Date | null;
}
export interface ImportJobs {
  /** Throws `import_room`, `import_mapping`. */
  create(given: { kind: ImportKind; name: string; bytes: number; mapping: string; unit: string; by: string }): Promise<ImportRow>;
  /** Throws `import_offset`, `import_state`. */
  append(row: ImportRow, offset: number, piece: Buffer): Promise<ImportRow>;
  start(row: ImportRow, trial: boolean, by: string): Promise<ImportRow>;
  stopOne(row: ImportRow, by: string): Promise<ImportRow>;
  remove(row: ImportRow, by: string): Promise<void>;
  /** The rows that were refused; null when there are none. */
  reportOf(row: ImportRow): string | null;
  /** Of a run of this moment. */
  progressOf(id: string): { share: number; totals: Totals } | null;
  /** The centre can be reached: what was running goes on. */
  begin(url: string): void;
  expire(): Promise<void>;
  stop(): Promise<void>;
}
export interface ImportJobParts { database: Database; directory: string; fileMb: number; keepDays: number; runsFromSource: boolean; now: () => Date; log: Logger }

export async function openImportJobs({ database, directory, fileMb, keepDays, runsFromSource, now, log }: ImportJobParts): Promise<ImportJobs> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await database.query("UPDATE imports SET state = 'waiting' WHERE state = 'running'");
  // The file of one that is done goes also when the centre was killed right before.
  for (const { id } of (await database.query<{ id: string }>("SELECT id FROM imports WHERE state = 'done'")).rows) for (const name of ['file.csv', 'file.xlsx']) await rm(join(directory, id, name), { force: true });
  let url: string | null = null;
  let stopping = false;
  let running: { id: string; child: ChildProcess; share: number; totals: Totals | null; halted: boolean } | null = null;
  let work: Promise<void> = Promise.resolve();
  /** Their end could not be written down, as when the database was away. */
  const lost = new Set<string>();
  const at = (id: string, ...rest: string[]) => join(directory, id, ...rest);
  const fileOf = ({ id, name }: Pick<ImportRow, 'id' | 'name'>) => at(id, /\.xls[xm]?$/i.test(name) ? 'file.xlsx' : 'file.csv');
  const reportAt = (id: string, trial: boolean) => at(id, trial ? 'trial.csv' : 'refused.csv');
  const read = async (id: string) => (await database.query<ImportRow>('SELECT * FROM imports WHERE id = $1', [id])).rows[0] ?? null;

  /** From one of these states only; two who press at once: one of them hears that it is not possible any more. */
  async function move(row: ImportRow, from: readonly ImportRow['state'][], set: string, values: unknown[] = [], note: { by: string; action: string; detail?: object } | null = null): Promise<ImportRow> {
    return await database.transaction(async (connection) => {
      const moved = (await connection.query<ImportRow>(`UPDATE imports SET ${set}, touched_at = $3 WHERE id = $1 AND state = ANY($2) RETURNING *`, [row.id, from, now(), ...values])).rows[0];
      if (!moved) throw new Fault('import_state', `state ${(await read(row.id))?.state ?? 'gone'}`);
      if (note) await appendAudit(connection, { actor: note.by, action: note.action, unit: row.unit, subject: row.id, detail: { name: row.name, ...note.detail } }, now());
      return moved;
    });
  }

  async function run(row: ImportRow): Promise<void> {
    await endKey(row);
    const made = row.trial ? null : await createIngestKey(database, { name: `Nhập tệp: ${row.name}`.slice(0, 120), kinds: [row.kind], units: [row.unit], simulated: false, by: row.created_by }, now());
    await database.query('UPDATE imports SET key_id = $2 WHERE id = $1', [row.id, made?.id ?? null]);
    if (stopping) return;
    const built = fromRoot('dist/server/commands/importJob.js');
    const entry = runsFromSource || !existsSync(built) ? ['--import', 'tsx', fromRoot('server/commands/importJob.ts')] : [built];
    const child = spawn(process.execPath, [`--max-old-space-size=${MEMORY_MB}`, ...entry], { stdio: ['pipe', 'pipe', 'pipe'], env: { TZ: 'UTC' }, cwd: fromRoot() });
    let ended: { done: Totals } | { problem: Said } | null = null;
    let trace = '';
    const mine = { id: row.id, child, share: 0, totals: row.totals, halted: false };
    running = mine;
    child.stderr.on('data', (piece: Buffer) => { if (trace.length < 8_000) trace += piece.toString(); });
    child.stdin.on('error', () => undefined);
    createInterface(child.stdout).on('line', (line) => {
      // Half a line, of a process that was killed while it wrote, must not end the centre.
      let said: { done: Totals } | { problem: Said } | { totals: Totals; share: number };
      try { said = JSON.parse(line) as typeof said; } catch { return; }
      if ('share' in said) { mine.share = said.share; mine.totals = said.totals; } else ended = said;
    });
    // The key goes in by the pipe: a command line and an environment can be read by others. It stays open: with the centre it closes.
    child.stdin.write(`${JSON.stringify({ id: row.id, kind: row.kind, file: fileOf(row), mapping: at(row.id, 'mapping.yaml'), progress: at(row.id, 'progress.json'), report: reportAt(row.id, row.trial), url, key: made?.key ?? null })}\n`);
    await new Promise<void>((resolve) => { child.once('error', () => { resolve(); }); child.once('close', () => { resolve(); }); });
    if (made) await endKey({ key_id: made.id });
    if (stopping) return;
    const end = ended as { done: Totals } | { problem: Said } | null;
    if (mine.halted) await database.query("UPDATE imports SET state = 'stopped', totals = $2, touched_at = $3 WHERE id = $1", [row.id, JSON.stringify(mine.totals), now()]);
    else if (end !== null && 'done' in end) await finish(row, end.done);
    else {
      if (end === null) log.error({ event: 'import_ended', import: row.id, places: trace.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 6) });
      await database.query("UPDATE imports SET state = 'failed', totals = $2, problem = $3, touched_at = $4 WHERE id = $1", [row.id, JSON.stringify(mine.totals), JSON.stringify(end?.problem ?? FAILED), now()]);
    }
  }
  async function finish(row: ImportRow, totals: Totals): Promise<void> {
    if (row.trial) { await database.query("UPDATE imports SET state = 'ready', tried = $2, totals = NULL, touched_at = $3 WHERE id = $1", [row.id, JSON.stringify(totals), now()]); return; }
    await database.transaction(async (connection) => {
      await connection.query("UPDATE imports SET state = 'done', totals = $2, touched_at = $3, ended_at = $3 WHERE id = $1", [row.id, JSON.stringify(totals), now()]);
      await appendAudit(connection, { actor: row.created_by, action: 'import.done', unit: row.unit, subject: row.id, detail: { name: row.name, ...totals } }, now());
    });
    // Not before that is written down: without its file an import that has to be gone through again fails.
    await rm(fileOf(row), { force: true });
  }
  async function endKey({ key_id: id }: Pick<ImportRow, 'key_id'>): Promise<void> {
    if (id !== null) await database.query('UPDATE ingest_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1', [id, now()]);
  }

  async function takeNext(): Promise<void> {
    while (!stopping && url !== null) {
      const row = (await database.query<ImportRow>("UPDATE imports SET state = 'running', attempts = attempts + 1, touched_at = $1 WHERE id = (SELECT id FROM imports WHERE state = 'waiting' ORDER BY touched_at, id LIMIT 1) RETURNING *", [now()])).rows[0];
      if (!row) return;
      // One that takes the centre down with it is not tried for ever.
      if (row.attempts > MOST_ATTEMPTS) { await endKey(row); await database.query("UPDATE imports SET state = 'failed', problem = $2 WHERE id = $1", [row.id, JSON.stringify(FAILED)]); }
      else await (work = run(row).catch((error: unknown) => { lost.add(row.id); throw error; }).finally(() => { running = null; }));
    }
  }
  let turn: Promise<void> = Promise.resolve();
  function wake(): void {
    turn = turn.then(takeNext).catch((error: unknown) => { log.warn({ event: 'imports_wait', error: error instanceof Error ? error.message : String(error) }); });
  }

  return {
    async create({ kind, name, bytes, mapping, unit, by }) {
      const { bavail, bsize } = await statfs(directory);
      if (bytes > fileMb * MB || bavail * bsize < bytes + SPARE) throw new Fault('import_room', `${bytes} bytes; at most ${fileMb} MB`);
      const id = randomBytes(8).toString('hex');
      await mkdir(at(id), { mode: 0o700 });
      try {
        await writeFile(at(id, 'mapping.yaml'), mapping, { mode: 0o600 });
        readMapping(at(id, 'mapping.yaml'));
        await writeFile(fileOf({ id, name }), '', { mode: 0o600 });
        return await database.transaction(async (connection) => {
          const { rows: [row] } = await connection.query<ImportRow>('INSERT INTO imports (id, kind, unit, name, bytes, created_by, created_at, touched_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING *', [id, kind, unit, name, bytes, by, now()]);
          await appendAudit(connection, { actor: by, action: 'import.create', unit, subject: id, detail: { kind, name, bytes } }, now());
          return row as ImportRow;
        });
      } catch (error) {
        await rm(at(id), { recursive: true, force: true });
        // Its folder is nobody's business.
        if (error instanceof ImportProblem) throw new Fault('import_mapping', error.said.vi.replaceAll(at(id), '').slice(0, 2_000));
        throw error;
      }
    },
    async append(row, offset, piece) {
      if (row.state !== 'receiving') throw new Fault('import_state', `state ${row.state}`);
      const size = (await stat(fileOf(row))).size;
      if (offset !== row.received || offset + piece.length > row.bytes || size < offset) throw new Fault('import_offset', `received ${row.received} of ${row.bytes}`);
      const file = await open(fileOf(row), 'r+');
      try { await file.write(piece, 0, piece.length, offset); await file.datasync(); } finally { await file.close(); }
      const received = offset + piece.length;
      // Two who send the same piece have written the same bytes; one of them goes on.
      const moved = (await database.query<ImportRow>('UPDATE imports SET received = $2, state = $3, touched_at = $4 WHERE id = $1 AND received = $5 RETURNING *', [row.id, received, received === row.bytes ? 'ready' : 'receiving', now(), offset])).rows[0];
      if (!moved) throw new Fault('import_offset');
      return moved;
    },
    async start(row, trial, by) {
      const moved = await move(row, ['ready', 'stopped', 'failed'], "state = 'waiting', trial = $4, problem = NULL, attempts = 0", [trial], { by, action: 'import.start', detail: { trial } });
      wake();
      return moved;
    },
    async stopOne(row, by) {
      if (running?.id === row.id) {
        running.halted = true;
        running.child.kill('SIGKILL');
        await work;
        return await move(row, ['stopped'], "state = 'stopped'", [], { by, action: 'import.stop' });
      }
      return await move(row, ['waiting'], "state = 'stopped'", [], { by, action: 'import.stop' });
    },
    async remove(row, by) {
      await database.transaction(async (connection) => {
        const gone = await connection.query("DELETE FROM imports WHERE id = $1 AND state NOT IN ('running', 'waiting')", [row.id]);
        if (gone.rowCount === 0) throw new Fault('import_state', 'stop it first');
        await appendAudit(connection, { actor: by, action: 'import.remove', unit: row.unit, subject: row.id, detail: { name: row.name, state: row.state } }, now());
      });
      await rm(at(row.id), { recursive: true, force: true });
    },
    reportOf(row) {
      const path = reportAt(row.id, row.state === 'ready' && row.tried !== null);
      return existsSync(path) ? path : null;
    },
    progressOf: (id) => (running?.id === id && running.totals ? { share: running.share, totals: running.totals } : null),
    begin(reached) { url = reached; wake(); },
    async expire() {
      if (lost.size > 0) await database.query("UPDATE imports SET state = 'waiting' WHERE state = 'running' AND id = ANY($1)", [[...lost]]);
      lost.clear();
      const old = await database.query<ImportRow>("SELECT * FROM imports WHERE (state = 'done' AND ended_at < $1) OR (state NOT IN ('done', 'running', 'waiting') AND touched_at < $2)", [new Date(now().getTime() - keepDays * DAY), new Date(now().getTime() - FILE_DAYS * DAY)]);
      for (const row of old.rows) {
        await database.query('DELETE FROM imports WHERE id = $1', [row.id]);
        await rm(at(row.id), { recursive: true, force: true });
      }
      wake();
    },
    async stop() { stopping = true; running?.child.kill('SIGKILL'); await turn; },
  };
}

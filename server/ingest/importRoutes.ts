/** POST /imports/preview: the mapping assistant. The file is read by a process of its own, looked at, answered, and kept nowhere. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fromRoot } from '#config/paths.ts';
import { Fault } from '#contract/faults.ts';
import { importPreview, importPreviewQuery, type ImportPreview } from '#contract/imports.ts';
import type { Procedure } from '#config/schema.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';

/** At once; each may take a whole processor for its time. */
const MOST_AT_ONCE = 2;
const LONGEST = 25_000;
const MEMORY_MB = 640;

export interface ImportParts { units: Units; procedures: readonly Procedure[]; zone: string; now: () => Date; runsFromSource: boolean }

export function importRoutes({ units, procedures, zone, now, runsFromSource }: ImportParts): Route[] {
  let running = 0;
  return [
    route({
      method: 'post', path: '/imports/preview', cost: 10, tag: 'Ingest', summary: 'Proposes how an exported file (CSV or workbook, the body as it is) is to be read, and shows its first rows as events; nothing is stored', access: ['admin'], scope: { kind: 'filter' },
      query: importPreviewQuery, rawBody: { limit: '16mb', types: ['application/octet-stream', 'text/csv'] }, answer: importPreview,
      async handle({ request, response, query, session }) {
        const body = request.body as unknown;
        if (!Buffer.isBuffer(body) || body.length === 0) throw unreadable({ vi: 'Tệp trống: không có dòng tiêu đề', en: 'The file is empty: it has no header row' });
        if (running >= MOST_AT_ONCE) throw new Fault('rate_limited', null, { retryAfter: 3 });
        running += 1;
        try {
          // Names of units outside the caller's scope are as unknown as the units.
          const order = { kind: query.kind, name: query.name, cut: query.cut === 'yes', decided: query.decided, zone, now: now().getTime(), units: units.rows.filter((unit) => session.scope.has(unit.code)).map(({ code, name, parent }) => ({ code, name, parent })), procedures: procedures.map(({ code, name }) => ({ code, name })) };
          const gone = new AbortController();
          response.once('close', () => { gone.abort(); });
          return await readApart(order, body, runsFromSource, gone.signal);
        } finally { running -= 1; }
      },
    }),
  ];
}

const unreadable = ({ vi, en }: { vi: string; en: string }): Fault => new Fault('import_unreadable', en, { messages: { vi: { cause: 'Không đọc được tệp', next: vi }, en: { cause: 'The file cannot be read', next: en } } });
const TOO_MUCH = { vi: 'Tệp quá lớn hoặc quá phức tạp để đọc thử ở đây. Lưu thành «CSV UTF-8» rồi chọn lại, hoặc dùng lệnh npm run import -- … --propose.', en: 'The file is too large or too complex to be looked at here. Save it as «CSV UTF-8» and choose it again, or use npm run import -- … --propose.' };

async function readApart(order: object, body: Buffer, runsFromSource: boolean, gone: AbortSignal): Promise<ImportPreview> {
  const built = fromRoot('dist/server/commands/previewImport.js');
  const entry = runsFromSource || !existsSync(built) ? ['--import', 'tsx', fromRoot('server/commands/previewImport.ts')] : [built];
  const child = spawn(process.execPath, [`--max-old-space-size=${MEMORY_MB}`, ...entry], { stdio: ['pipe', 'pipe', 'pipe'], env: { TZ: 'UTC' }, cwd: fromRoot(), signal: AbortSignal.any([gone, AbortSignal.timeout(LONGEST)]), killSignal: 'SIGKILL' });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => { pieces.push(piece); });
  let trace = '';
  child.stderr.on('data', (piece: Buffer) => { if (trace.length < 8_000) trace += piece.toString(); });
  // A reader that ended early takes no more: its end is told below.
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(order)}\n`);
  child.stdin.end(body);
  const code = await new Promise<number | null>((resolve) => { child.once('error', () => { resolve(null); }); child.once('close', resolve); });
  // An error of ours is ours to mend. Only its places are logged: its message could quote the file.
  if (code === 1) throw new Error(`the reader of imports failed: ${trace.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 8).join('') || 'no place known'}`);
  if (code !== 0) throw unreadable(TOO_MUCH);
  const answer = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { preview: ImportPreview } | { problem: { vi: string; en: string } };
  if ('problem' in answer) throw unreadable(answer.problem);
  return answer.preview;
}

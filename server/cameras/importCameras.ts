/** Cameras from a CSV: each row judged by itself, good ones saved, the others told with row, column and cause. */
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { cameraCreate } from '#contract/camera.ts';
import { CAMERA_COLUMNS, type CameraColumn, type CameraImport } from '#contract/cameraImport.ts';
import { Fault, FAULTS, type FaultCode } from '#contract/faults.ts';
import { markOf, separatorOf } from '../ingest/importer/csv.ts';
import { checkAddress } from './address.ts';
import type { Units } from '../units/tree.ts';
import { checkNewCamera, saveNewCamera, type SaveParts, type Saver } from './saveCamera.ts';

const MOST_ROWS = 2000;
const MOST_CELL = 2000;
/** How people call the columns and their values. Compared without accents, case and blanks. */
const COLUMN_WORDS: Record<string, CameraColumn> = {
  macamera: 'id', ma: 'id', donvi: 'unit', madonvi: 'unit', quay: 'counter', soquay: 'counter', ten: 'name', tencamera: 'name', vitri: 'position', diachi: 'url', diachirtsp: 'url', rtsp: 'url',
  luongphu: 'subUrl', suburl: 'subUrl', tendangnhap: 'username', taikhoan: 'username', matkhau: 'password', cachtruyen: 'transport', bat: 'enabled', sudung: 'enabled',
};
const POSITION_WORDS: Record<string, string> = { quay: 'counter', choquay: 'counter', khucho: 'waiting', cho: 'waiting', cua: 'entrance', loivao: 'entrance', cuavao: 'entrance' };
const YES = new Set(['', '1', 'true', 'yes', 'co', 'x', 'bat']);
const NO = new Set(['0', 'false', 'no', 'khong', 'tat']);
const plain = (text: string): string => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/gi, 'd').replace(/[\s_.-]+/g, '').toLowerCase();

interface Table { encoding: string; columns: (CameraColumn | null)[]; rows: { number: number; cells: string[] }[] }
const unreadable = (vi: string, en: string): Fault => new Fault('import_unreadable', en, { messages: { vi: { cause: FAULTS.import_unreadable.vi.title, next: vi }, en: { cause: FAULTS.import_unreadable.en.title, next: en } } });

/** The encoding by its mark, else UTF-8 where it is that, else the old Vietnamese one. */
export function readTable(bytes: Buffer): Table {
  const mark = markOf(bytes);
  if (mark === null && bytes.includes(0)) throw unreadable('Tệp có byte 0: lưu lại thành «CSV UTF-8».', 'The file has zero bytes: save it as «CSV UTF-8».');
  let encoding: string = mark ?? 'utf-8';
  let text: string;
  try { text = encoding === 'utf-8' ? new TextDecoder('utf-8', { fatal: true }).decode(bytes) : iconv.decode(bytes, encoding); } catch { encoding = 'windows-1258'; text = iconv.decode(bytes, encoding); }
  text = text.replace(/^\ufeff/, '').normalize('NFC');
  let records: string[][];
  try { records = parse(text, { delimiter: separatorOf(text.slice(0, 65_536), 1), relax_column_count: true, max_record_size: 100_000, to: MOST_ROWS + 2 }); } catch {
    throw unreadable('Tệp không đúng dạng CSV: kiểm tra dấu ngoặc kép, hoặc lưu lại thành «CSV UTF-8».', 'The file is no CSV: check its quotes, or save it as «CSV UTF-8».');
  }
  const [head, ...body] = records;
  if (!head || head.every((cell) => cell.trim() === '')) throw unreadable('Tệp trống: dòng đầu phải nêu tên các cột.', 'The file is empty: its first row must name the columns.');
  const columns = head.map((cell): CameraColumn | null => {
    const word = plain(cell);
    if (word === '') return null;
    const column = CAMERA_COLUMNS.find((one) => one.toLowerCase() === word) ?? COLUMN_WORDS[word];
    if (!column) throw unreadable(`Không biết cột «${cell.slice(0, 60)}». Các cột: ${CAMERA_COLUMNS.join(', ')}.`, `The column «${cell.slice(0, 60)}» is not known. Columns: ${CAMERA_COLUMNS.join(', ')}.`);
    return column;
  });
  const twice = columns.find((column, i) => column !== null && columns.indexOf(column) !== i);
  if (twice) throw unreadable(`Cột «${twice}» có hai lần.`, `The column «${twice}» stands twice.`);
  for (const needed of ['unit', 'name', 'url'] as const) if (!columns.includes(needed)) throw unreadable(`Thiếu cột «${needed}».`, `The column «${needed}» is missing.`);
  if (body.length > MOST_ROWS) throw unreadable(`Tệp có hơn ${MOST_ROWS} dòng: chia thành nhiều tệp.`, `The file has more than ${MOST_ROWS} rows: divide it.`);
  return { encoding, columns, rows: body.map((cells, i) => ({ number: i + 2, cells })).filter(({ cells }) => cells.some((cell) => cell.trim() !== '')) };
}

/** So many names are asked for at once: a table of 2,000 cameras with names that do not answer takes minutes otherwise. */
const AT_ONCE = 16;

/** The verdict of each address, asked for side by side; a row waits for its own only. */
function checkAll(urls: readonly string[], check: (url: string) => Promise<void>): (url: string | null | undefined) => Promise<void> {
  const verdicts = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let running = 0;
  const next = (): void => { while (running < AT_ONCE && waiting.length > 0) { running += 1; waiting.shift()?.(); } };
  for (const url of new Set(urls)) {
    const verdict = new Promise<void>((resolve) => { waiting.push(resolve); }).then(() => check(url)).finally(() => { running -= 1; next(); });
    verdict.catch(() => undefined);
    verdicts.set(url, verdict);
  }
  next();
  return async (url) => { if (url !== null && url !== undefined) await (verdicts.get(url) ?? check(url)); };
}

export async function importCameras(given: SaveParts & { units: Units }, saver: Saver, bytes: Buffer, dryRun: boolean): Promise<CameraImport> {
  const table = readTable(bytes);
  const addresses = table.rows.flatMap(({ cells }) => table.columns.flatMap((column, i) => ((column === 'url' || column === 'subUrl') && (cells[i] ?? '').trim() !== '' && (cells[i] ?? '').length <= MOST_CELL ? [(cells[i] ?? '').trim()] : [])));
  const parts = { ...given, checkAddress: checkAll(addresses, given.checkAddress ?? ((url) => checkAddress(url, given.cameraNetworks))) };
  const seen = new Set<string>();
  const results: CameraImport['results'] = [];
  for (const { number, cells } of table.rows) {
    const raw = Object.fromEntries(table.columns.flatMap((column, i) => (column === null ? [] : [[column, column === 'password' ? cells[i] ?? '' : (cells[i] ?? '').trim()]]))) as Partial<Record<CameraColumn, string>>;
    const about = { row: number, id: raw.id || null, unit: raw.unit || null, name: raw.name?.slice(0, 120) || null };
    try {
      const camera = cameraOf(raw);
      if (!parts.units.tree.has(camera.unit) || !saver.scope.has(camera.unit)) throw new Refusal('unit', 'unknown_cell_unit');
      if (camera.id !== undefined && seen.has(camera.id)) throw new Refusal('id', 'conflict');
      if (camera.id !== undefined) seen.add(camera.id);
      let id: string;
      if (dryRun) {
        id = await checkNewCamera(parts, saver, camera);
        if ((await parts.database.query('SELECT FROM cameras WHERE id = $1 UNION ALL SELECT FROM camera_ids WHERE id = $1 AND unit <> $2', [id, camera.unit])).rowCount !== 0) throw new Refusal('id', 'conflict');
      } else id = await saveNewCamera(parts, saver, camera);
      results.push({ ...about, id: camera.id === undefined && dryRun ? null : id, refusal: null });
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Fault)) throw error;
      const code: FaultCode = error.code;
      if (FAULTS[code].status >= 500) throw error;
      const column = error instanceof Refusal ? error.column : code === 'conflict' ? 'id' : code.startsWith('camera_') ? 'url' : null;
      const { vi, en } = FAULTS[code];
      results.push({ ...about, refusal: { column, code, messages: { vi: { cause: vi.title, next: vi.next }, en: { cause: en.title, next: en.next } } } });
    }
  }
  const refused = results.filter((one) => one.refusal !== null).length;
  return { dryRun, encoding: table.encoding, rows: results.length, good: results.length - refused, refused, results };
}

class Refusal extends Error {
  readonly column: string | null;
  readonly code: FaultCode;
  constructor(column: string | null, code: FaultCode) { super(code); this.column = column; this.code = code; }
}

function cameraOf(raw: Partial<Record<CameraColumn, string>>) {
  const or = (text: string | undefined) => (text === undefined || text === '' ? null : text);
  const enabled = plain(raw.enabled ?? '');
  if (!YES.has(enabled) && !NO.has(enabled)) throw new Refusal('enabled', 'invalid_cell');
  const parsed = cameraCreate.safeParse({
    ...(or(raw.id) === null ? {} : { id: raw.id }), unit: raw.unit ?? '', counter: or(raw.counter), name: raw.name ?? '',
    position: raw.position ? POSITION_WORDS[plain(raw.position)] ?? raw.position : 'counter', url: raw.url ?? '', subUrl: or(raw.subUrl), username: or(raw.username), password: or(raw.password),
    transport: raw.transport ? raw.transport.toLowerCase() : 'tcp', enabled: YES.has(enabled),
  });
  if (!parsed.success) throw new Refusal(String(parsed.error.issues[0]?.path[0] ?? '') || null, 'invalid_cell');
  const long = Object.entries(raw).find(([, text]) => text.length > MOST_CELL);
  if (long) throw new Refusal(long[0], 'invalid_cell');
  return parsed.data;
}

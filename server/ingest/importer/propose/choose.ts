/** Which column is what: every heading against every role, with the values as the second witness; the best pairs first. */
import type { Said } from '../texts.ts';
import { DOSSIER, fits, PROCEDURE, type Column, type Known } from './evidence.ts';
import { ROLES, type ImportKind, type Role } from './headings.ts';
import { heading, oneLine } from './text.ts';

export interface Choice { column: number; confidence: number; reason: Said }
interface Pair extends Choice { role: string }
const LEAST = 0.3;
const said = (vi: string, en: string): Said => ({ vi, en });
const percent = (part: number) => `${Math.round(part * 100)} %`;

export function named(kind: ImportKind, title: string): boolean {
  const text = heading(title);
  return ROLES[kind].some((role) => role.patterns.some(([pattern]) => pattern.test(text)));
}

function judge(kind: ImportKind, role: Role, column: Column, known: Known): Pair | null {
  const text = heading(column.title);
  const sure = Math.max(0, ...role.patterns.filter(([pattern]) => pattern.test(text)).map(([, value]) => value));
  const fit = fits(kind, role, column, known);
  const made = (confidence: number, reason: Said): Pair | null => (confidence < LEAST ? null : { role: role.name, column: column.index, confidence: Math.round(Math.min(1, confidence) * 100) / 100, reason });
  const title = `«${oneLine(column.title)}»`;
  if (sure > 0) {
    if (fit === null) return made(sure * 0.6, said(`tiêu đề ${title}; cột không có giá trị nào`, `heading ${title}; the column is empty`));
    // A heading that its values contradict is a heading that was misread.
    if ((role.shape === 'time' && fit < 0.3) || (role.shape !== 'text' && role.shape !== 'unit' && sure < 0.9 && fit < 0.2) || (role.shape === 'rating' && fit < 0.3)) return null;
    const what = WITNESS[role.shape];
    return made(sure * (0.55 + 0.45 * fit), said(`tiêu đề ${title}; ${percent(fit)} giá trị ${what.vi}`, `heading ${title}; ${percent(fit)} of the values ${what.en}`));
  }
  if (fit === null || column.values.length < 2) return null;
  // Without a heading only values that can be nothing else speak.
  const part = (pattern: RegExp) => column.values.slice(0, 500).filter((value) => pattern.test(value)).length / Math.min(500, column.values.length);
  if (role.name === 'dossier' && part(DOSSIER) >= 0.8) return made(0.6, said(`giá trị có dạng mã hồ sơ «${oneLine(column.values[0] ?? '')}»`, `the values have the form of a dossier code «${oneLine(column.values[0] ?? '')}»`));
  if (role.name === 'procedure' && part(PROCEDURE) >= 0.8) return made(0.58, said('giá trị có dạng mã thủ tục 1.004199', 'the values have the form of a procedure code 1.004199'));
  if (role.name === 'unit' && fit >= 0.8) return made(0.55, said(`${percent(fit)} giá trị là đơn vị trong cây đơn vị`, `${percent(fit)} of the values are units of the tree`));
  // One word on every row tells nothing from nothing.
  if (role.shape === 'word' && fit >= 0.8 && column.distinct.size <= 20 && column.distinct.size >= (role.name === 'status' ? 3 : 2)) return made(0.5, said(`${percent(fit)} giá trị là từ đã biết`, `${percent(fit)} of the values are words that are known`));
  return null;
}
const WITNESS: Readonly<Record<Role['shape'], Said>> = {
  time: said('đọc được như ngày giờ', 'read as times'), unit: said('tìm thấy trong cây đơn vị', 'are in the unit tree'), procedure: said('có dạng mã thủ tục hoặc có trong danh mục', 'have the form of a procedure code or are in the catalogue'), code: said('có dạng mã', 'have the form of a code'),
  word: said('là từ đã biết', 'are words that are known'), rating: said('đọc được như mức 1–5', 'read as levels 1–5'), flag: said('đọc được như có hoặc không', 'read as yes or no'), text: said('đủ ngắn', 'are short enough'),
};

/** `wanted`: what a person has decided, a column or none; the rest is proposed around it. */
export function choose(kind: ImportKind, columns: readonly Column[], known: Known, wanted: ReadonlyMap<string, number | null>): Map<string, Choice> {
  const chosen = new Map<string, Choice>();
  const taken = new Set<number>();
  for (const [role, index] of wanted) {
    if (index === null) continue;
    chosen.set(role, { column: index, confidence: 1, reason: said('do bạn chọn', 'chosen by you') });
    taken.add(index);
  }
  const pairs = ROLES[kind].filter((role) => !wanted.has(role.name)).flatMap((role) => columns.map((column) => judge(kind, role, column, known)).filter((pair) => pair !== null)).sort((a, b) => b.confidence - a.confidence || a.column - b.column);
  for (const { role, ...choice } of pairs) if (!chosen.has(role) && !taken.has(choice.column)) { chosen.set(role, choice); taken.add(choice.column); }
  const times = columns.filter((column) => !taken.has(column.index) && column.values.length > 0 && column.order.timed >= 0.9 * Math.min(500, column.values.length));
  const hasTime = [...chosen.keys()].some((role) => role !== 'dueAt' && role !== 'newDueAt' && ROLES[kind].find((one) => one.name === role)?.shape === 'time');
  const [only, second] = times;
  if (!hasTime && only && !second && !wanted.has('at')) chosen.set('at', { column: only.index, confidence: 0.4, reason: said('cột ngày giờ duy nhất của tệp', 'the only column of times in the file') });
  return chosen;
}

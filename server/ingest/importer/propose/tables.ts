/** The texts that stand in the columns of words, units and procedures, each with our word for it. */
import { PROCEDURE, type Column, type Known } from './evidence.ts';
import { ROLES, type ImportKind, type Role } from './headings.ts';
import type { Choice } from './choose.ts';
import { hasWords, meaningOf } from './words.ts';

export interface Value { field: string; column: string; text: string; word: string | null; assumed: boolean; rows: number; candidates: string[] }
/** More texts than this are no vocabulary. */
const MOST = 400;
/** What the importer reads as yes and no by itself. */
const READ = new Set(['true', '1', 'x', 'có', 'co', 'yes', 'false', '0', 'không', 'khong', 'no', 'chưa', 'chua']);

export function valuesOf(kind: ImportKind, chosen: ReadonlyMap<string, Choice>, columns: readonly Column[], known: Known): Value[] {
  return ROLES[kind].flatMap((role) => {
    const column = columns.find((one) => one.index === chosen.get(role.name)?.column);
    if (!column || column.distinct.size > MOST && role.shape !== 'unit' && role.shape !== 'procedure') return [];
    return [...column.distinct].slice(0, MOST * 4).map(([text, rows]) => ({ field: role.name, column: column.title, text, rows, ...wordFor(kind, role, text, known) })).filter((value) => value.word !== value.text);
  });
}

function wordFor(kind: ImportKind, role: Role, text: string, known: Known): Pick<Value, 'word' | 'assumed' | 'candidates'> {
  const is = (word: string | null, assumed = false, candidates: string[] = []) => ({ word, assumed, candidates });
  if (role.shape === 'unit' || role.shape === 'procedure') {
    const found = (role.shape === 'unit' ? known.units : known.procedures).find(text);
    if (found.code !== null) return is(found.code);
    // A code of a procedure that the catalogue lacks is accepted by the centre and listed there.
    const code = role.shape === 'procedure' ? PROCEDURE.exec(text)?.[0] : undefined;
    return code === undefined ? is(null, false, found.candidates.slice(0, 6).map((one) => `${one.name} (${one.code})`)) : is(code);
  }
  if (!hasWords(kind, role.name) || (role.shape === 'flag' && READ.has(text.toLowerCase()))) return is(text);
  const meaning = meaningOf(kind, role.name, text);
  return meaning === null ? is(null) : is(meaning.word, meaning.assumed);
}

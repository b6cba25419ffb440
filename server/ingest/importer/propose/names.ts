/** Units and procedures by their names, whatever the accents and the prefixes; a name of several is nobody's. */
import { fold } from './text.ts';

export interface Named { code: string; name: string; parent?: string | null | undefined }
/** `code`: the one that is meant. Else who it could be, none when nobody. */
export type Found = { code: string } | { code: null; candidates: readonly Named[] };
export interface Names { has(code: string): boolean; find(text: string): Found }

const OFFICE = /^(ubnd|uy ban nhan dan|uy ban|bo phan mot cua|bo phan tiep nhan va tra ket qua|mot cua|trung tam phuc vu hanh chinh cong|tt phuc vu hanh chinh cong|ttphcc|ttpvhcc) (?=\S)/;
const SHORT: readonly (readonly [RegExp, string])[] = [[/^tp /, 'thanh pho '], [/^p (?=\D)/, 'phuong '], [/^x (?=\D)/, 'xa '], [/^tt /, 'thi tran '], [/^tx /, 'thi xa '], [/^h /, 'huyen ']];
const KIND = /^(xa|phuong|thi tran|thi xa|thanh pho|huyen|quan|tinh) (?=\S)/;

function written(text: string): string {
  let plain = fold(text).replace(OFFICE, '');
  for (const [short, long] of SHORT) plain = plain.replace(short, long);
  return plain;
}

export function namesOf(all: readonly Named[]): Names {
  const codes = new Map(all.map((one) => [one.code, one]));
  const index = new Map<string, Set<Named>>();
  const put = (key: string, one: Named) => { if (key !== '') index.set(key, (index.get(key) ?? new Set()).add(one)); };
  for (const one of all) { put(`=${fold(one.name)}`, one); put(written(one.name), one); put(written(one.name).replace(KIND, ''), one); }
  const look = (text: string): readonly Named[] => {
    // As it is written comes first: «Trung tâm …» is itself before it is somebody's prefix.
    for (const key of [`=${fold(text)}`, written(text), ...(KIND.test(written(text)) ? [] : [written(text).replace(KIND, '')])]) { const found = index.get(key); if (found) return [...found]; }
    return [];
  };
  return {
    has: (code) => codes.has(code),
    find(text) {
      if (codes.has(text)) return { code: text };
      const parts = text.split(/\s*(?:,|;|\(|\)| - | – )\s*/).filter((part) => part !== '');
      const coded = parts.find((part) => codes.has(part));
      if (coded !== undefined && parts.length > 1) return { code: coded };
      let found = look(text);
      if (found.length === 0 && parts.length > 1) {
        found = look(parts[0] ?? '');
        // «Phường Thống Nhất, TP Biên Hòa»: what follows names who it belongs to, and must not contradict.
        const above = parts.slice(1).map(look);
        if (above.some((some) => some.length > 0)) found = found.filter((one) => above.flat().some((two) => two.code === one.parent || codes.get(one.parent ?? '')?.parent === two.code));
      }
      return found.length === 1 && found[0] ? { code: found[0].code } : { code: null, candidates: found };
    },
  };
}

/** A text as it is searched for: without accents, «đ» as «d», in lower case; each word of the wish anywhere in it. */
export const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
export const contains = (text: string, wanted: string): boolean => { const where = plain(text); return plain(wanted).split(/\s+/).every((word) => where.includes(word)); };

/** How well a name answers a wish: 0 the name itself, 1 it begins so, 2 a word of it begins so, 3 somewhere in it, null not at all. */
export function match(name: string, wanted: string): 0 | 1 | 2 | 3 | null {
  const where = plain(name);
  const what = plain(wanted).trim();
  if (what === '') return 3;
  if (where === what) return 0;
  if (where.startsWith(what)) return 1;
  if (where.includes(` ${what}`)) return 2;
  return contains(name, what) ? 3 : null;
}

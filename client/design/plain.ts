/** A text as it is searched for: without accents, «đ» as «d», in lower case. */
export const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
export const contains = (text: string, wanted: string): boolean => plain(wanted).split(/\s+/).every((word) => plain(text).includes(word));
const collator = new Intl.Collator('vi', { numeric: true, sensitivity: 'base' });
/** The order of Vietnamese names. */
export const byName = (a: string, b: string): number => collator.compare(a, b);

/** Names as they are searched for and put in order. */
export { contains, plain } from '#analytics/text/plain.ts';
const collator = new Intl.Collator('vi', { numeric: true, sensitivity: 'base' });
/** The order of Vietnamese names. */
export const byName = (a: string, b: string): number => collator.compare(a, b);

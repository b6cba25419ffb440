/** A file as the assistant looks at it: the cells as texts, the row that names the columns found. */
import type { Said } from '../texts.ts';

export interface Sheet {
  format: 'csv' | 'xlsx'; encoding: string | null; separator: string | null; sheet: string | null;
  /** From 1, as a mapping counts. */
  headerRow: number;
  titles: readonly string[];
  rows: readonly { number: number; cells: readonly string[] }[];
  /** False when the file goes on after these rows. */
  complete: boolean;
  notes: readonly Said[];
}

/** One shape per state, so that no state is told by colour alone. Drawn in a box from −10 to 10. */
import type { DeskState } from '#contract/vocabulary.ts';

export type Mark = DeskState;
export interface Shape { path: string; drawn: 'full' | 'ring' | 'dashed' }
const CIRCLE = 'M0-8A8 8 0 1 1 0 8A8 8 0 1 1 0-8Z';
export const SHAPES: Record<Mark, Shape> = {
  overdue: { path: 'M0-10.5L10.5 0L0 10.5L-10.5 0Z', drawn: 'full' },
  due_soon: { path: 'M0-9.5L10 8.5H-10Z', drawn: 'full' },
  in_order: { path: CIRCLE, drawn: 'full' },
  not_reporting: { path: CIRCLE, drawn: 'dashed' },
  no_data: { path: CIRCLE, drawn: 'ring' },
};

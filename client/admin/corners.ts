/** Shapes on a camera's picture while they are drawn: corners in per cent, to a tenth. */
export interface Corner { x: number; y: number }
export const MOST_CORNERS = 12;
export const fromShares = (shape: readonly (readonly [number, number])[]): Corner[] => shape.map(([x, y]) => ({ x: Math.round(x * 1000) / 10, y: Math.round(y * 1000) / 10 }));
export const toShares = (corners: readonly Corner[]): [number, number][] => corners.map(({ x, y }) => [x / 100, y / 100]);

/** How a desk looks on the map. */
import type { DeskRow, QueueRow } from '#contract/live.ts';
import type { DeskState } from '#contract/vocabulary.ts';
import { SHAPES } from '../design/shapes.ts';

/** Half the width of a mark in multiples of the unit of the wall: grows with the root of the load. */
export function sizeOf(desk: DeskRow | undefined, queue: QueueRow | undefined): number {
  const load = (queue?.waiting ?? 0) + (desk?.pending ?? 0) / 12;
  return Math.round(Math.min(0.95, 0.3 + Math.sqrt(load) * 0.1) * 20) / 20;
}

/** An element, never markup: names of units are somebody's text. */
export function markOf(state: DeskState, size: number): HTMLElement {
  const box = document.createElement('span');
  box.className = `mark ${state}`;
  box.style.setProperty('--size', String(size));
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '-12 -12 24 24');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', SHAPES[state].path);
  path.setAttribute('class', SHAPES[state].drawn);
  svg.append(path);
  box.append(svg);
  return box;
}
export function textOf(text: string): HTMLElement {
  const span = document.createElement('span');
  span.textContent = text;
  return span;
}

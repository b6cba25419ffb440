/** The targets of the documents, asked once. Which one binds a unit: analytics/kpi/target.ts. */
import { shallowRef } from 'vue';
import type { TargetRow } from '#contract/figures.ts';
import { ask } from './request.ts';

export { meets, targetFor } from '#analytics/kpi/target.ts';

const known = shallowRef<TargetRow[] | null>(null);
let asking: Promise<void> | null = null;

export function useTargets() {
  asking ??= ask<{ targets: TargetRow[] }>('GET', '/targets').then((answer) => { if (answer.kind === 'ok') known.value = answer.body.targets; else asking = null; });
  return known;
}

export const SIGN: Record<TargetRow['operator'], string> = { '>=': '≥', '>': '>', '<=': '≤', '<': '<' };

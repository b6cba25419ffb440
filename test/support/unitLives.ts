/** Trees of units with any life: renamed, moved, merged, split, ended, codes given again to heirs and to strangers. */
import fc from 'fast-check';
import type { Succession, UnitPeriod } from '#analytics/unit/history.ts';

export interface Lives { periods: UnitPeriod[]; successions: Succession[]; /** The last day on which something changed. */ last: number }
interface Living { code: string; parent: string | null; from: number }
const KINDS = ['merge', 'split', 'move', 'end', 'begin', 'rename'] as const;
const step = fc.record({ kind: fc.constantFrom(...KINDS), a: fc.nat(), b: fc.nat(), code: fc.nat(), eighths: fc.integer({ min: 1, max: 7 }), wait: fc.integer({ min: 0, max: 20 }) });

export const lives = fc.tuple(fc.array(fc.nat(), { minLength: 3, maxLength: 12 }), fc.array(step, { maxLength: 14 })).map(([start, steps]): Lives => {
  const living = new Map<string, Living>([['root', { code: 'root', parent: null, from: -Infinity }]]);
  const periods: UnitPeriod[] = [];
  const successions: Succession[] = [];
  const retired = new Map<string, { on: number; passed: boolean }>();
  let names = 0;
  let day = 100;
  for (const pick of start) { const code = `u${names += 1}`; living.set(code, { code, parent: [...living.keys()][pick % living.size] ?? 'root', from: -Infinity }); }
  const close = (one: Living, passed: boolean) => { periods.push({ code: one.code, parent: one.parent, from: one.from, to: day - 1 }); living.delete(one.code); if (!passed) retired.set(one.code, { on: day, passed: false }); };
  const open = (code: string, parent: string | null) => { retired.delete(code); living.set(code, { code, parent, from: day }); };
  const put = (one: Living, parent: string | null) => {
    if (one.from === day) { one.parent = parent; return; }
    periods.push({ code: one.code, parent: one.parent, from: one.from, to: day - 1 });
    living.set(one.code, { ...one, parent, from: day });
  };
  const above = (code: string): string[] => { const path: string[] = []; for (let at: string | null = code; at !== null; at = living.get(at)?.parent ?? null) path.push(at); return path; };
  const children = (code: string) => [...living.values()].filter((one) => one.parent === code);
  /** A new code, or one that was given up: on an earlier day, or today by a unit that passed on. */
  const anyCode = (pick: number) => {
    const free = [...retired].filter(([, one]) => one.on < day || one.passed).map(([code]) => code);
    return pick % 2 === 0 && free.length > 0 ? free[pick % free.length] as string : `u${names += 1}`;
  };
  for (const { kind, a, b, code, eighths, wait } of steps) {
    day += wait;
    // One change a unit a day: of two, the first would be a period without a day.
    const free = [...living.values()].filter((one) => one.code !== 'root' && one.from !== day);
    const one = free[a % Math.max(1, free.length)];
    const other = free[b % Math.max(1, free.length)];
    if (kind === 'begin') { open(anyCode(code), [...living.keys()][b % living.size] ?? 'root'); continue; }
    if (!one || !other) continue;
    const leaf = children(one.code).length === 0;
    if (kind === 'rename') put(one, one.parent);
    if (kind === 'move' && !above(other.code).includes(one.code)) put(one, other.code);
    if (kind === 'end' && leaf) close(one, false);
    if (kind === 'split' && leaf) {
      close(one, true);
      retired.set(one.code, { on: day, passed: true });
      for (const weight of [eighths / 8, 1 - eighths / 8]) { const heir = anyCode(code); open(heir, one.parent); successions.push({ from: one.code, on: day, to: heir, weight, source: 'law' }); }
    }
    if (kind === 'merge' && one !== other && !above(one.code).includes(other.code) && !above(other.code).includes(one.code)) {
      const orphans = [...children(one.code), ...children(other.code)];
      for (const old of [one, other]) { close(old, true); retired.set(old.code, { on: day, passed: true }); }
      const heir = anyCode(code);
      open(heir, other.parent);
      for (const old of [one, other]) successions.push({ from: old.code, on: day, to: heir, weight: 1, source: 'law' });
      for (const orphan of orphans) put(living.get(orphan.code) ?? orphan, heir);
    }
  }
  for (const one of living.values()) periods.push({ code: one.code, parent: one.parent, from: one.from, to: Infinity });
  return { periods, successions, last: day };
});

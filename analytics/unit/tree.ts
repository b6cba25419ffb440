/** The tree of units. Built once per change of the units, asked often. */
export interface TreeUnit { code: string; parent: string | null }

export interface UnitTree {
  has(code: string): boolean;
  /** The unit and all under it; empty when unknown. */
  under(code: string): readonly string[];
  /** The unit and all above it, nearest first. */
  above(code: string): readonly string[];
  children(code: string): readonly string[];
  isUnder(code: string, ancestor: string): boolean;
}

export function unitTree(units: readonly TreeUnit[]): UnitTree {
  const parents = new Map<string, string | null>();
  const children = new Map<string, string[]>();
  for (const unit of units) parents.set(unit.code, unit.parent);
  for (const unit of units) if (unit.parent !== null) children.set(unit.parent, [...(children.get(unit.parent) ?? []), unit.code]);
  const subtrees = new Map<string, readonly string[]>();
  const above = (code: string): string[] => {
    const path: string[] = [];
    // The loader refuses cycles; the bound keeps a bad table from hanging a request all the same.
    for (let at: string | null = parents.has(code) ? code : null; at !== null && path.length < 64; at = parents.get(at) ?? null) path.push(at);
    return path;
  };
  const under = (code: string): readonly string[] => {
    if (!parents.has(code)) return [];
    let all = subtrees.get(code);
    if (!all) {
      const found = new Set<string>([code]);
      for (const at of found) for (const child of children.get(at) ?? []) found.add(child);
      subtrees.set(code, (all = [...found]));
    }
    return all;
  };
  return { has: (code) => parents.has(code), under, above, children: (code) => children.get(code) ?? [], isUnder: (code, ancestor) => above(code).includes(ancestor) };
}

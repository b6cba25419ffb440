/**
 * Which node's recording counts when. A camera may have been recorded by two nodes at once: by one that had lost the centre
 * and by the one that it was given to. The rule: at each moment counts the recording of the node that had the camera then;
 * where that one has none, that of the node that had it last before then; then by name. So no moment is shown twice, and
 * nothing that was recorded is hidden.
 */

/** Instants in milliseconds; `ends` is not in it. */
export interface NodeSpan { node: string; starts: number; ends: number }
/** From `since` on the camera was `node`'s, until the next one. In order. */
export interface Owner { node: string; since: number }

/** The node that had the camera at that moment; before the first one, the first. */
export function ownerAt(owners: readonly Owner[], at: number): string | null {
  let found = owners[0]?.node ?? null;
  for (const one of owners) if (one.since <= at) found = one.node;
  return found;
}

/** Disjoint, in order; together exactly what the segments cover within [from, to). */
export function countedParts(segments: readonly NodeSpan[], owners: readonly Owner[], from: number, to: number): NodeSpan[] {
  const within = segments.map((one) => ({ ...one, starts: Math.max(from, one.starts), ends: Math.min(to, one.ends) })).filter((one) => one.starts < one.ends).sort((a, b) => a.starts - b.starts || a.ends - b.ends);
  const marks = [...new Set([...within.flatMap((one) => [one.starts, one.ends]), ...owners.map((one) => one.since).filter((at) => at > from && at < to)])].sort((a, b) => a - b);
  const parts: NodeSpan[] = [];
  let next = 0;
  let open: NodeSpan[] = [];
  for (const [index, starts] of marks.entries()) {
    const ends = marks[index + 1];
    if (ends === undefined) break;
    for (let one = within[next]; one !== undefined && one.starts <= starts; one = within[++next]) open.push(one);
    open = open.filter((one) => one.ends > starts);
    const node = best(open.map((one) => one.node), owners, starts);
    if (node === null) continue;
    const last = parts.at(-1);
    if (last?.node === node && last.ends === starts) last.ends = ends; else parts.push({ node, starts, ends });
  }
  return parts;
}

function best(nodes: readonly string[], owners: readonly Owner[], at: number): string | null {
  if (nodes.length < 2) return nodes[0] ?? null;
  const had = (node: string): number => owners.findLastIndex((one, index) => one.node === node && (index === 0 || one.since <= at));
  return [...new Set(nodes)].sort((a, b) => had(b) - had(a) || (a < b ? -1 : 1))[0] ?? null;
}

/**
 * Whom to ask for what: all of [from, to), in order and without overlap. What no segment covers is asked of the node that had
 * the camera then: it may be writing it at this moment.
 */
export function partsToAsk(segments: readonly NodeSpan[], owners: readonly Owner[], from: number, to: number): NodeSpan[] {
  const asked: NodeSpan[] = [];
  const add = (node: string | null, starts: number, ends: number): void => {
    if (node === null || starts >= ends) return;
    const last = asked.at(-1);
    if (last?.node === node) last.ends = ends; else asked.push({ node, starts, ends });
  };
  const between = (starts: number, ends: number): void => {
    let at = starts;
    for (const one of owners) if (one.since > at && one.since < ends) { add(ownerAt(owners, at), at, one.since); at = one.since; }
    add(ownerAt(owners, at), at, ends);
  };
  let at = from;
  for (const part of countedParts(segments, owners, from, to)) { between(at, part.starts); add(part.node, part.starts, part.ends); at = part.ends; }
  between(at, to);
  return asked;
}

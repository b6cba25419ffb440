/** Spans of recording and the gaps between them, each gap with its reason. */
import type { RecordingSpans } from '#contract/camera.ts';
import type { GapReason } from '#contract/vocabulary.ts';

export interface SegmentSpan { starts: number; ends: number }
export interface DeletedSpan extends SegmentSpan { reason: GapReason }
export interface StateChange { at: number; state: string; gap: GapReason | null }

/** Segments follow each other within a group of pictures; a shorter seam is no gap. */
const SEAM = 2_500;
/** What was recorded within these last moments may not be in the catalogue yet: no gap can be told there. */
const UNSETTLED = 15_000;

export function spansOf(segments: readonly SegmentSpan[], from: number, to: number): SegmentSpan[] {
  const spans: SegmentSpan[] = [];
  for (const segment of [...segments].sort((a, b) => a.starts - b.starts)) {
    const starts = Math.max(from, segment.starts);
    const ends = Math.min(to, segment.ends);
    if (ends <= starts) continue;
    const last = spans[spans.length - 1];
    if (last && starts - last.ends <= SEAM) last.ends = Math.max(last.ends, ends);
    else spans.push({ starts, ends });
  }
  return spans;
}

/**
 * `first`: the camera's first recorded moment; `growing`: up to where the running segment is known to reach. A gap's
 * reason is the last state change before its end that says why, else unknown: never a guess.
 */
export function withGaps(camera: string, segments: readonly SegmentSpan[], states: readonly StateChange[], from: number, to: number, now: number, first: number | null, deleted: readonly DeletedSpan[] = []): RecordingSpans {
  const spans = spansOf(segments, from, to);
  const gaps: RecordingSpans['gaps'] = [];
  const iso = (at: number) => new Date(at).toISOString();
  const gap = (starts: number, ends: number) => {
    if (ends - starts <= 0) return;
    const cut = (a: number, b: number, reason: GapReason) => { if (b - a > 0) gaps.push({ from: iso(a), to: iso(b), reason }); };
    const begun = first ?? now;
    cut(starts, Math.min(ends, begun), 'before_first');
    const middle = Math.max(starts, begun);
    const why = [...states].reverse().find((change) => change.at <= Math.min(ends, now) && change.at >= starts - 60_000 && change.gap !== null)?.gap
      ?? [...states].reverse().find((change) => change.at <= starts)?.gap ?? 'unknown';
    const settled = starts >= now - UNSETTLED ? starts : now;
    // What was recorded there and is gone says so itself; what lies between is told by the states.
    let at = middle;
    for (const gone of deleted) {
      const [a, b] = [Math.max(at, gone.starts), Math.min(ends, gone.ends)];
      if (b <= a) continue;
      if (a - at > SEAM) { cut(at, a, why); at = a; }
      const last = gaps.at(-1);
      if (last?.reason === gone.reason && Date.parse(last.to) === at) last.to = iso(b); else cut(at, b, gone.reason);
      at = b;
    }
    cut(at, Math.min(ends, settled), why);
    cut(Math.max(middle, settled), ends, 'not_yet');
  };
  let at = from;
  for (const span of spans) { gap(at, span.starts); at = span.ends; }
  gap(at, to);
  return { camera, from: iso(from), to: iso(to), spans: spans.map((span) => ({ from: iso(span.starts), to: iso(span.ends) })), gaps };
}

/** A camera that is given to another node is there again within so long. */
const MOVING = 30_000;

/**
 * What gaps have to do with nodes: `absent` was recorded and lies on a node that is away; around a move nobody recorded, or
 * the node that lost the centre did and has not told yet.
 */
export function explainAbsence(spans: RecordingSpans, absent: readonly SegmentSpan[], moves: readonly { at: number; isAway: boolean }[]): RecordingSpans {
  const iso = (at: number) => new Date(at).toISOString();
  const gaps = spans.gaps.flatMap((gap) => {
    const [from, to] = [Date.parse(gap.from), Date.parse(gap.to)];
    if (gap.reason === 'not_yet') return [gap];
    const inside: (SegmentSpan & { reason: GapReason })[] = absent.map((one) => ({ starts: Math.max(from, one.starts), ends: Math.min(to, one.ends), reason: 'node_away' as const })).filter((one) => one.starts < one.ends);
    for (const move of moves) {
      if (move.at < from || move.at >= to) continue;
      const told = inside.reduce((latest, one) => Math.max(latest, one.ends <= move.at + SEAM ? one.ends : from), from);
      inside.push({ starts: told, ends: Math.min(to, move.at + MOVING), reason: move.isAway ? 'node_away' : 'node_moved' });
    }
    if (inside.length === 0) return [gap];
    const cut: RecordingSpans['gaps'] = [];
    const add = (a: number, b: number, reason: GapReason) => {
      if (b <= a) return;
      const last = cut.at(-1);
      if (last?.reason === reason && Date.parse(last.to) === a) last.to = iso(b); else cut.push({ from: iso(a), to: iso(b), reason });
    };
    let at = from;
    for (const one of inside.sort((a, b) => a.starts - b.starts)) { add(at, one.starts, gap.reason); add(Math.max(at, one.starts), one.ends, one.reason); at = Math.max(at, one.ends); }
    add(at, to, gap.reason);
    return cut;
  });
  return { ...spans, gaps };
}

/**
 * What is wrong with a picture: the rules, as pure functions of the pictures of one minute. The order matters: a black
 * picture is also still, a covered one is also unlike its reference. How the limits were found: docs/design/pictures.md.
 */
import { background, blocksOf, BLOCKS, differences, focus, likeness, STRUCTURE, type Picture } from './measures.ts';

export type Finding = 'black' | 'frozen' | 'covered';
export type Doubt = 'moved' | 'out_of_focus';
export interface Judgement { finding: Finding | null; warnings: Doubt[] }

export const LIMITS = {
  /** 92 % of the blocks are darker than this: the writing in the picture may be bright. */
  dark: 20, darkShare: 0.92,
  /** Without any structure it is too dark to see up to here; brighter, something lies before the lens. */
  dim: 45,
  /** Fewer blocks than this hold structure: the rest is writing. */
  bare: 0.1,
  /** So much of what had structure in the reference is flat. */
  flat: 0.6,
  /** In a living picture noise changes the grey values everywhere; a ticking clock in it takes a few blocks only. */
  living: 0.3, livingShare: 0.15, stillPairs: 0.8,
  /** Less than this of the reference is found again. */
  same: 0.4,
  /** Sharpness beside the reference. */
  focus: 0.45,
} as const;
/** Still for less than this is not frozen; fewer pictures tell nothing. */
const STILL_PICTURES = 4;

const quantile = (values: ArrayLike<number>, share: number): number => { const sorted = Float32Array.from(values).sort(); return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0; };

/** True when nothing lives between two pictures but a small place such as a clock. */
export function isStill(a: Picture, b: Picture): boolean {
  return differences(a, b).filter((amount) => amount > LIMITS.living).length <= BLOCKS * LIMITS.livingShare;
}

/**
 * `pictures` of one minute, oldest first; `before`: the last one that was looked at earlier; `reference`: the background when
 * the view was confirmed. Without a reference neither a moved nor a blurred view can be told, and neither is said.
 */
export function judge(pictures: readonly Picture[], before: Picture | null, reference: Picture | null): Judgement | null {
  if (pictures.length === 0) return null;
  const now = background(pictures);
  const { means, deviations } = blocksOf(now);
  const bright = quantile(means, LIMITS.darkShare);
  const bare = deviations.filter((one) => one > STRUCTURE).length < BLOCKS * LIMITS.bare;
  if (bright < LIMITS.dark || bare && bright < LIMITS.dim) return { finding: 'black', warnings: [] };
  if (bare) return { finding: 'covered', warnings: [] };
  const alike = reference === null ? null : likeness(reference, now);
  if (alike !== null && alike.windows > 0 && bright >= LIMITS.dim && alike.flat >= LIMITS.flat) return { finding: 'covered', warnings: [] };

  const row = before === null ? pictures : [before, ...pictures];
  const pairs = row.slice(1).map((one, i) => isStill(row[i] ?? one, one));
  // An encoder that begins, or is short of bits, changes a still picture now and then.
  const still = row.length >= STILL_PICTURES && pairs.filter(Boolean).length >= pairs.length * LIMITS.stillPairs;
  const warnings: Doubt[] = [];
  if (reference !== null && alike !== null && alike.windows > 0) {
    if (alike.same < LIMITS.same) warnings.push('moved');
    // Another view has another sharpness.
    else if ((focus(reference, now) ?? 1) < LIMITS.focus) warnings.push('out_of_focus');
  }
  return { finding: still ? 'frozen' : null, warnings };
}

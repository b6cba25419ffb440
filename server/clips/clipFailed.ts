import type { CLIP_CAUSES } from '#contract/recording.ts';

/** Why a clip cannot be made; trying again would not help. */
export class ClipFailed extends Error {
  readonly why: (typeof CLIP_CAUSES)[number];
  constructor(why: (typeof CLIP_CAUSES)[number]) { super(`the clip failed: ${why}`); this.why = why; }
}

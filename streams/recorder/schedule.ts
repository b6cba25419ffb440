/** Whether a camera that follows hours records now. What the orders do not tell is recorded: too much can be deleted later. */
import type { RecordingHours } from '#contract/node.ts';

export function isOpen(hours: RecordingHours | undefined, nowMs: number): boolean {
  const at = nowMs / 1000;
  return hours === undefined || at >= hours.until || hours.spans.some(([from, to]) => at >= from && at < to);
}

/** What the measures of a trial mean: pure, so that each finding can be shown by a test. */
import { CAMERA_FINDINGS, type FindingCode } from '#contract/cameraFindings.ts';
import type { CameraFinding, StreamMeasures, TrialAnswer } from '#contract/cameraTest.ts';

const LONGEST_KEY_DISTANCE = 4;
const CLOCK_MAY_DIFFER = 5;
const VARIES = 2;

/** `uplinkKbps`: what the desk's line may carry; null where nobody said. */
export function judgeTest({ main, sub }: TrialAnswer, hasSub: boolean, uplinkKbps: number | null): CameraFinding[] {
  const found: CameraFinding[] = [];
  const add = (stream: 'main' | 'sub', code: FindingCode, value: number | null = null) => {
    const { severity, vi, en } = CAMERA_FINDINGS[code];
    const fill = (text: string, decimal: string) => text.replace('{n}', value === null ? '—' : String(value).replace('.', decimal));
    found.push({ stream, code, severity, value, messages: { vi: { cause: fill(vi.cause, ','), next: vi.next }, en: { cause: fill(en.cause, '.'), next: en.next } } });
  };
  const common = (stream: 'main' | 'sub', one: StreamMeasures) => {
    if (one.reason !== null) { add(stream, Object.hasOwn(CAMERA_FINDINGS, one.reason) ? one.reason as FindingCode : 'unknown'); return; }
    if (one.picture === null) add(stream, 'no_picture');
    // With one key frame or none in all the time, the distance is at least that time.
    const distance = one.keyFrameSeconds ?? (one.observedSeconds > LONGEST_KEY_DISTANCE ? one.observedSeconds : null);
    if (distance !== null && distance > LONGEST_KEY_DISTANCE) add(stream, 'key_frames_rare', distance);
    if (one.bitrateKbps !== null && one.peakKbps !== null && one.observedSeconds >= 3 && one.peakKbps > VARIES * one.bitrateKbps) add(stream, 'rate_varies', one.peakKbps);
    if (one.frameRateVaries === true) add(stream, 'frame_rate_varies');
    if (one.clockAheadSeconds !== null && Math.abs(one.clockAheadSeconds) > CLOCK_MAY_DIFFER) add(stream, 'clock_off', one.clockAheadSeconds);
    if (one.transport === 'udp') add(stream, 'by_packets');
  };
  common('main', main);
  if (sub !== null) common('sub', sub);
  const works = main.reason === null;
  const subWorks = sub !== null && sub.reason === null;
  if (works && main.codec !== null && main.codec !== 'h264' && !(subWorks && sub.codec === 'h264')) add('main', 'transcoded');
  if (subWorks && sub.codec !== null && sub.codec !== 'h264') add('sub', 'sub_transcoded');
  const rate = (works ? main.bitrateKbps ?? 0 : 0) + (subWorks ? sub.bitrateKbps ?? 0 : 0);
  if (uplinkKbps !== null && rate > uplinkKbps) add('main', 'rate_too_high', rate);
  if (works && subWorks && main.bitrateKbps !== null && sub.bitrateKbps !== null && sub.bitrateKbps >= main.bitrateKbps) add('sub', 'sub_not_smaller');
  if (works && !hasSub) add('main', 'no_sub');
  if (main.sound === true || sub?.sound === true) add('main', 'has_sound');
  const order = ['error', 'warning', 'note'];
  return found.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

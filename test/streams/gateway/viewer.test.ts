import { describe, expect, it } from 'vitest';
import { FlvReader, FLV_HEADER_VIDEO_ONLY, share, type FlvTag, type SharedTag } from '#streams/gateway/flv.ts';
import { Viewer, type ViewerEnd } from '#streams/gateway/viewer.ts';

const MB = 1024 * 1024;
/** As a stream shares it that began at time 0. */
function tag(kind: FlvTag['kind'], timestamp: number, size = 1000): SharedTag {
  const bytes = Buffer.alloc(11 + size + 4);
  bytes[0] = 9;
  bytes.writeUIntBE(size, 1, 3);
  bytes[11] = kind === 'key' ? 0x17 : 0x27;
  let read: FlvTag | null = null;
  new FlvReader((one) => { read = one; }).push(Buffer.concat([FLV_HEADER_VIDEO_ONLY.flv, bytes]));
  if (read === null) throw new Error('no tag');
  return { ...share(read, timestamp, 0), kind };
}
/** A line that takes so many bytes a second. */
function line(bytesPerSecond: number) {
  const written: Buffer[] = [];
  const state = { now: 0, pending: 0, most: 0, end: null as ViewerEnd | null };
  const viewer = new Viewer('t', 'c', {
    write({ flv }) { written.push(flv); state.pending += flv.length; state.most = Math.max(state.most, state.pending); },
    pending: () => state.pending,
    close(reason) { state.end = reason; },
  }, () => state.now);
  const pass = (ms: number): void => { state.now += ms; state.pending = Math.max(0, state.pending - bytesPerSecond * ms / 1000); };
  return { viewer, written, state, pass };
}
const times = (written: Buffer[]): number[] => written.slice(1).map((one) => one.readUIntBE(4, 3));

describe('a viewer', () => {
  it('begins with a video-only header and a key frame, in the time of its stream', () => {
    const { viewer, written } = line(1e9);
    viewer.prepare([{ ...tag('setup', 0), kind: 'setup' }]);
    viewer.picture(tag('inter', 90_000));
    viewer.picture(tag('key', 90_040));
    viewer.picture(tag('inter', 90_080));
    expect(written[0]?.toString('latin1', 0, 3)).toBe('FLV');
    expect(written[0]?.[4]).toBe(1);
    expect(times(written)).toEqual([0, 90_040, 90_080]);
  });

  it('that never reads is bounded and let go within 15 s', () => {
    const { viewer, state, pass } = line(0);
    for (let frame = 0; frame < 25 * 20 && state.end === null; frame += 1) { viewer.picture(tag(frame % 25 === 0 ? 'key' : 'inter', frame * 40, 20_000)); pass(40); }
    expect(state.end).toBe('slow');
    expect(state.now).toBeLessThan(15_000);
    expect(state.most).toBeLessThan(2.2 * MB);
  });

  it('that catches up goes on at a key frame', () => {
    const { viewer, written, state, pass } = line(0);
    for (let frame = 0; frame < 25 * 9; frame += 1) { viewer.picture(tag(frame % 25 === 0 ? 'key' : 'inter', frame * 40)); pass(40); }
    expect(viewer.skipped).toBeGreaterThan(0);
    state.pending = 0;
    const before = written.length;
    for (let frame = 235; frame < 255; frame += 1) viewer.picture(tag(frame % 25 === 0 ? 'key' : 'inter', frame * 40));
    expect(state.end).toBeNull();
    expect(written[before]?.[11]).toBe(0x17);
    expect(written[before]?.readUIntBE(4, 3)).toBe(250 * 40);
  });

  it('in time loses nothing', () => {
    const { viewer, written, pass } = line(10 * MB);
    for (let frame = 0; frame < 1000; frame += 1) { viewer.picture(tag(frame % 25 === 0 ? 'key' : 'inter', frame * 40, 20_000)); pass(40); }
    expect(written.length).toBe(1001);
    expect(viewer.skipped).toBe(0);
  });
});

/** Digital zoom never shows what is beside the picture, and keeps the point under the pointer where it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moved, WHOLE, within, zoomAt, type View } from '../../client/video/zoom.ts';

const side = fc.double({ min: 50, max: 4000, noNaN: true });
const size = fc.record({ w: side, h: side });
const turn = fc.oneof(fc.record({ factor: fc.double({ min: 0.2, max: 5, noNaN: true }), x: fc.double({ min: 0, max: 1, noNaN: true }), y: fc.double({ min: 0, max: 1, noNaN: true }) }), fc.record({ dx: fc.double({ min: -9000, max: 9000, noNaN: true }), dy: fc.double({ min: -9000, max: 9000, noNaN: true }) }));

describe('digital zoom', () => {
  it('keeps within the picture whatever is done', () => {
    fc.assert(fc.property(size, size, fc.array(turn, { maxLength: 20 }), (box, picture, turns) => {
      let view: View = WHOLE;
      for (const one of turns) view = within('factor' in one ? zoomAt(view, one.factor, { x: one.x * box.w, y: one.y * box.h }) : moved(view, one.dx, one.dy), box, picture);
      view = within(view, box, picture);
      expect(view.scale).toBeGreaterThanOrEqual(1);
      expect(view.scale).toBeLessThanOrEqual(8);
      const fit = Math.min(box.w / picture.w, box.h / picture.h);
      for (const [room, own, at] of [[box.w, picture.w * fit, view.x], [box.h, picture.h * fit, view.y]] as const) {
        const [begin, end] = [((room - own) / 2) * view.scale + at, ((room + own) / 2) * view.scale + at];
        // Larger than the box: covers it. Smaller: in the middle.
        if (own * view.scale > room) { expect(begin).toBeLessThanOrEqual(1e-6); expect(end).toBeGreaterThanOrEqual(room - 1e-6); } else expect(Math.abs(begin - (room - end))).toBeLessThan(1e-6);
      }
    }));
  });
  it('shows the whole at 1, and leaves the point under the pointer where it is', () => {
    expect(within({ scale: 0.3, x: 55, y: -9 }, { w: 400, h: 300 }, { w: 640, h: 360 })).toEqual({ scale: 1, x: 0, y: 0 });
    const view = zoomAt({ scale: 2, x: -100, y: -50 }, 1.5, { x: 120, y: 80 });
    expect([(120 - view.x) / view.scale, (80 - view.y) / view.scale]).toEqual([110, 65]);
  });
});

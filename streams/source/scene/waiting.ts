/** The waiting area, seen from the counters: rows of seats, a queue display, people who come, wait and are called. */
import { dice, lit, shade, type Canvas, type Colour } from './canvas.ts';
import { drawBench, drawClock, drawDigits, drawPlant, drawPoster, drawScreen, drawTiles, drawWindow } from './furniture.ts';
import { drawPerson, makeLook, type Figure, type Look } from './person.ts';
import type { Scenery } from './scene.ts';
import { whereabouts, type Stop } from './walk.ts';

const FLOOR = 168;
const ROWS = [{ y: 238, seat: 52, left: 122, size: 122 }, { y: 312, seat: 66, left: 92, size: 152 }];
const SEATS = 6;
const GROUND = { speedAt: (y: number) => 34 + (y - FLOOR) * 0.3 };

interface Guest { look: Look; row: number; stops: Stop[] | null; startsAt: number; x: number; habit: Figure['hands']; pace: number }

export function waitingScenery(variant: number, loop: number): Scenery {
  const random = dice(variant + 37);
  const wall: Colour = variant % 2 === 0 ? [214, 222, 216] : [228, 220, 208];
  const seats: Colour = variant % 2 === 0 ? [62, 104, 158] : [74, 128, 118];
  const guests = makeGuests(random, loop);
  const number = 20 + Math.floor(random() * 50);

  function background(canvas: Canvas): void {
    canvas.gradient({ x: 0, y: 0, width: 640, height: FLOOR }, shade(wall, 0.88), wall);
    canvas.rect(0, 0, 640, 30, { colour: shade(wall, 0.7) });
    canvas.rect(0, FLOOR - 42, 640, 42, { colour: shade(wall, 0.84) });
    canvas.rect(0, FLOOR - 44, 640, 3, { colour: shade(wall, 0.66) });
    drawTiles(canvas, FLOOR, [212, 206, 198], [176, 174, 168]);
    canvas.round(26, 44, 170, 26, 3, { colour: [28, 84, 150], to: [22, 66, 124] });
    drawScreen(canvas, 246, 42, 150, 62);
    drawWindow(canvas, 430, 46, 92, 76);
    drawClock(canvas, 222, 60, 12);
    for (let poster = 0; poster < 4; poster += 1) drawPoster(canvas, 36 + poster * 42, 80, 34, 42, ([[190, 60, 50], [44, 100, 160], [40, 116, 92], [196, 140, 40]] as const)[poster] ?? [90, 90, 90]);
    // Water for those who wait.
    canvas.round(560, 112, 40, 84, 3, lit([238, 238, 236], 0.8));
    canvas.round(566, 78, 28, 38, 9, { colour: [150, 196, 226], to: [104, 156, 196], alpha: 0.9 });
    canvas.round(566, 136, 28, 16, 2, { colour: [90, 96, 104] });
    drawPlant(canvas, 616, 214, 62, random);
    drawPlant(canvas, 26, 232, 72, random);
    const back = ROWS[0];
    if (back !== undefined) drawBench(canvas, back.left, back.y - back.size * 0.27 + 8, back.seat, SEATS, seats);
  }
  /** The nearer row hides the feet of the farther one. */
  function between(canvas: Canvas): void {
    const near = ROWS[1];
    if (near !== undefined) drawBench(canvas, near.left, near.y - near.size * 0.27 + 10, near.seat, SEATS, seats);
  }

  function drawGuests(canvas: Canvas, time: number, row: number): void {
    const present = guests.flatMap((guest) => {
      const seat: Stop = { x: guest.x, y: ROWS[guest.row]?.y ?? 0, stay: loop, facing: 'front', pose: 'sit' };
      const at = guest.stops === null ? { ...seat, pose: 'sit' as const, phase: 0, since: time, stop: 1 } : whereabouts(guest.stops, guest.startsAt, time, loop, GROUND);
      return at === null || (at.y > 262 ? 1 : 0) !== row ? [] : [{ guest, at }];
    });
    for (const { guest, at } of present.toSorted((a, b) => a.at.y - b.at.y)) {
      const look = Math.sin(2 * Math.PI * guest.pace * time / loop + guest.x);
      const sits = at.pose === 'sit';
      drawPerson(canvas, {
        look: guest.look, x: at.x + (sits ? look * 0.8 : 0), y: at.y, size: 122 + (at.y - 238) * 0.41, facing: at.facing, pose: at.pose,
        phase: sits ? 2 * Math.PI * 4 * time / loop + guest.x : at.phase,
        turn: sits ? (look > 0.6 ? 0.9 : look < -0.7 ? -0.9 : 0) : 0, nod: sits && guest.habit === 'phone' && look < 0.75 ? 0.95 : look < -0.4 ? 0.3 : 0,
        hands: at.pose === 'walk' ? 'down' : guest.habit,
      });
    }
  }

  return {
    background, between,
    behind(canvas, time) {
      const called = number + Math.floor(time / (loop / 6));
      drawDigits(canvas, String(1000 + called).slice(1), 262, 56, 34, [255, 58, 40]);
      drawDigits(canvas, String(1 + called % 4), 358, 56, 34, [90, 230, 110]);
      drawGuests(canvas, time, 0);
    },
    front(canvas, time) { drawGuests(canvas, time, 1); },
    behindBoxes: [{ x: 0, y: 40, width: 640, height: 300 }],
    signs: [{ text: 'KHU VỰC CHỜ', x: 111, y: 57, size: 17, colour: 'FFFFFF' }],
  };
}

function makeGuests(random: () => number, loop: number): Guest[] {
  const guests: Guest[] = [];
  const habits = ['phone', 'lap', 'phone', 'paper', 'lap'] as const;
  ROWS.forEach((row, index) => {
    for (let place = 0; place < SEATS; place += 1) {
      const x = row.left + row.seat * (place + 0.5);
      const chance = random();
      const guest = { look: makeLook(random), row: index, x, habit: habits[Math.floor(random() * 5)] ?? 'lap', pace: 2 + Math.floor(random() * 4) };
      if (chance < 0.24) continue;
      if (chance < 0.62) { guests.push({ ...guest, stops: null, startsAt: 0 }); continue; }
      // Comes in along the wall or the front, sits for a part of the loop, is called and goes towards the counters.
      const aisle = row.y + 4;
      const door = place < SEATS / 2 ? -50 : 690;
      guests.push({
        ...guest, startsAt: random() * loop,
        stops: [{ x: door, y: aisle, stay: 0, facing: 'front', pose: 'stand' }, { x, y: aisle, stay: 0.5, facing: 'front', pose: 'stand' }, { x, y: row.y, stay: loop * (0.4 + random() * 0.2), facing: 'front', pose: 'sit' },
          { x, y: aisle, stay: 0.4, facing: 'front', pose: 'stand' }, { x: door === -50 && index === 0 ? -50 : 690, y: aisle + 2, stay: 0, facing: 'right', pose: 'stand' }],
      });
    }
  });
  return guests;
}

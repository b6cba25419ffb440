/** The desk itself: officers behind glass, people who come, hand over papers, wait and go. */
import { dice, lit, mix, shade, type Canvas, type Colour } from './canvas.ts';
import { drawClock, drawDigits, drawMonitorBack, drawPlant, drawPoster, drawScreen, drawTiles, drawWindow } from './furniture.ts';
import { drawPerson, makeLook, officerLook, type Figure, type Look } from './person.ts';
import type { Scenery } from './scene.ts';
import { whereabouts, type Stop } from './walk.ts';

const TOP = 206;
const FLOOR = 296;
const DESKS = [188, 452];
const GROUND = { speedAt: (y: number) => 60 + (y - 300) * 0.5 };
const OFFICER = 172;

interface Citizen { look: Look; stops: Stop[]; startsAt: number; size: number; desk: number }

export function counterScenery(variant: number, loop: number): Scenery {
  const random = dice(variant + 11);
  const wall: Colour = variant % 2 === 0 ? [226, 220, 204] : [212, 222, 224];
  const wood: Colour = variant % 2 === 0 ? [164, 116, 76] : [138, 108, 84];
  const officers = DESKS.map(() => officerLook(random));
  const citizens = makeCitizens(random, loop);
  const number = 14 + Math.floor(random() * 60);

  function background(canvas: Canvas): void {
    canvas.gradient({ x: 0, y: 0, width: 640, height: FLOOR }, shade(wall, 0.9), wall);
    canvas.rect(0, 0, 640, 30, { colour: shade(wall, 0.72) });
    canvas.rect(0, 30, 640, 2, { colour: shade(wall, 0.6), alpha: 0.6 });
    canvas.round(92, 42, 356, 32, 3, { colour: [168, 32, 34], to: [140, 24, 28] });
    if (variant % 2 === 0) drawWindow(canvas, 10, 64, 62, 92); else drawPoster(canvas, 18, 60, 46, 66, [44, 100, 160]);
    drawPoster(canvas, 290, 86, 40, 54, [190, 60, 50]);
    drawPoster(canvas, 336, 86, 40, 54, [40, 116, 92]);
    drawClock(canvas, 84 + (variant % 2) * 4, 108, 13);
    drawScreen(canvas, 486, 42, 128, 50);
    // A cabinet with binders behind the officers.
    canvas.round(540, 112, 92, 90, 2, lit([196, 190, 178], 0.85));
    for (let shelf = 0; shelf < 3; shelf += 1) {
      for (let binder = 0; binder < 8; binder += 1) {
        const colour = ([[64, 92, 140], [150, 60, 56], [70, 110, 88], [188, 156, 84]] as const)[Math.floor(random() * 4)] ?? [80, 80, 80];
        canvas.rect(546 + binder * 10.4, 118 + shelf * 28, 8.4, 22, lit(colour, 0.8));
      }
    }
    for (const x of DESKS) canvas.round(x - 40, 150, 80, 70, 16, { colour: [48, 54, 64], to: [36, 40, 48] });
  }

  /** Counter and glass: in front of the officers, behind the public. */
  function between(canvas: Canvas): void {
    for (const x of DESKS) drawMonitorBack(canvas, x + 58, TOP + 2, 58);
    for (const x of DESKS) {
      for (let sheet = 0; sheet < 4; sheet += 1) canvas.polygon([[x - 82 + sheet, TOP - 7 - sheet * 2.4], [x - 44 + sheet, TOP - 8 - sheet * 2.4], [x - 40 + sheet, TOP - sheet * 2.4], [x - 86 + sheet, TOP - sheet * 2.4]], { colour: mix([250, 250, 244], [214, 210, 196], sheet / 5) });
      canvas.limb(x - 20, TOP - 4, 2.6, x - 20, TOP - 14, 1.8, { colour: [150, 40, 40] });
    }
    // Glass, clearer at the hatch in front of each officer.
    canvas.rect(0, 92, 640, 110, { colour: [206, 226, 232], alpha: 0.13 });
    for (const [x, width] of [[60, 26], [330, 40], [570, 22]] as const) canvas.polygon([[x + 30, 92], [x + 30 + width, 92], [x + width - 20, 200], [x - 20, 200]], { colour: [255, 255, 255], alpha: 0.09 });
    canvas.rect(0, 89, 640, 4, lit([188, 194, 200]));
    for (const x of [4, 162 - 96, 318, 574, 634]) canvas.rect(x, 90, 4, 114, { colour: [196, 202, 208], to: [150, 156, 164] });
    for (const x of DESKS) {
      canvas.round(x - 34, 96, 68, 21, 3, { colour: [28, 84, 150], to: [22, 66, 124] });
      canvas.round(x - 44, TOP - 24, 88, 20, 6, { colour: [235, 240, 240], alpha: 0.16 });
    }
    canvas.polygon([[0, TOP - 4], [640, TOP - 4], [640, TOP + 12], [0, TOP + 12]], { colour: shade(wood, 1.32), to: shade(wood, 1.14) });
    canvas.rect(0, TOP + 12, 640, 3, { colour: shade(wood, 0.62) });
    canvas.gradient({ x: 0, y: TOP + 15, width: 640, height: FLOOR - TOP - 15 }, shade(wood, 1), shade(wood, 0.72));
    for (let x = 0; x < 640; x += 80) canvas.rect(x, TOP + 15, 2, FLOOR - TOP - 15, { colour: shade(wood, 0.55), alpha: 0.7 });
    canvas.rect(0, TOP + 34, 640, 9, { colour: [196, 162, 78], to: [160, 128, 58], alpha: 0.85 });
    canvas.rect(0, FLOOR - 9, 640, 9, { colour: [58, 50, 46] });
    drawTiles(canvas, FLOOR, [214, 208, 196], [184, 180, 170]);
    canvas.rect(0, FLOOR, 640, 14, { colour: [0, 0, 0], alpha: 0.12 });
    drawPlant(canvas, 34, 322, 74, random);
    drawPlant(canvas, 612, 318, 66, random);
    for (const x of DESKS) { canvas.ellipse(x + 96, TOP + 1, 9, 4, { colour: [60, 60, 64] }); canvas.limb(x + 96, TOP, 3, x + 96, TOP - 8, 2, { colour: [40, 90, 60] }); }
  }

  function behind(canvas: Canvas, time: number): void {
    const turn = Math.floor(time / (loop / 4));
    drawDigits(canvas, String(1000 + number + turn * 3).slice(1), 502, 52, 30, [255, 58, 40]);
    drawDigits(canvas, String(1 + turn % 2), 580, 52, 30, [255, 176, 40]);
    DESKS.forEach((x, desk) => {
      const served = citizens.find((one) => one.desk === desk && whereabouts(one.stops, one.startsAt, time, loop, GROUND)?.stop === 1 && whereabouts(one.stops, one.startsAt, time, loop, GROUND)?.pose === 'stand');
      const cycle = Math.sin(2 * Math.PI * (5 + desk) * time / loop + desk * 2);
      const figure: Figure = {
        look: officers[desk] as Look, x: x + cycle * 1.2, y: 312, size: OFFICER, facing: 'front', pose: 'desk', phase: 2 * Math.PI * time * 1.25,
        turn: served === undefined ? 0.7 : cycle > 0.55 ? 0.6 : 0, nod: served === undefined ? 0.5 : cycle > -0.1 ? 0.1 : 0.8,
        hands: served === undefined ? 'typing' : cycle < -0.5 ? 'paper' : 'typing',
      };
      drawPerson(canvas, figure);
    });
  }

  function front(canvas: Canvas, time: number): void {
    const present = citizens.flatMap((one) => { const at = whereabouts(one.stops, one.startsAt, time, loop, GROUND); return at === null ? [] : [{ one, at }]; });
    for (const { one, at } of present.toSorted((a, b) => a.at.y - b.at.y)) {
      const standing = at.pose !== 'walk';
      const sway = standing ? Math.sin(2 * Math.PI * 9 * time / loop + one.startsAt) : 0;
      drawPerson(canvas, {
        look: one.look, x: at.x + sway * 1.4, y: at.y, size: one.size, facing: at.facing, pose: at.pose, phase: at.phase,
        turn: standing ? Math.sin(2 * Math.PI * 3 * time / loop + one.startsAt * 1.7) * 0.8 : 0, nod: 0,
        hands: !standing ? 'down' : at.since > 1.5 && at.since < 5 ? 'reach' : at.facing === 'back' ? 'counter' : 'phone',
      });
    }
  }

  return {
    background, between, behind, front, behindBoxes: [{ x: 484, y: 40, width: 132, height: 54 }, ...DESKS.map((x) => ({ x: x - 62, y: 100, width: 124, height: 116 }))],
    signs: [
      { text: 'TIẾP NHẬN VÀ TRẢ KẾT QUẢ', x: 270, y: 58, size: 19, colour: 'FFE27A' },
      ...DESKS.map((x, index) => ({ text: `QUẦY ${index + 1}`, x, y: 106.5, size: 14, colour: 'FFFFFF' })),
    ],
  };
}

function makeCitizens(random: () => number, loop: number): Citizen[] {
  const citizens: Citizen[] = [];
  DESKS.forEach((x, desk) => {
    // The loop is shared out among three visits to each desk.
    for (let visit = 0; visit < 3; visit += 1) {
      const fromLeft = random() < 0.5;
      const y = 338 + random() * 8;
      // To one side of the hatch, so that the camera sees whom they speak with.
      const place = x + (random() < 0.5 ? -1 : 1) * (36 + random() * 16);
      const [near, far] = fromLeft ? [-60, 700] : [700, -60];
      const walk = Math.abs(place - near) / GROUND.speedAt(y);
      const stay = loop / 3 - 2.5 + random();
      citizens.push({
        look: makeLook(random), size: 186 + random() * 10, desk, startsAt: visit * loop / 3 + desk * 4.3 - walk + loop,
        stops: [{ x: near, y, stay: 0, facing: 'right', pose: 'stand' }, { x: place, y, stay, facing: 'back', pose: 'stand' }, { x: random() < 0.5 ? near : far, y: y + 6, stay: 0, facing: 'left', pose: 'stand' }],
      });
    }
  });
  // One who waits by the side, looking at the telephone, and leaves.
  const y = 350;
  citizens.push({ look: makeLook(random), size: 196, desk: -1, startsAt: loop * 0.2, stops: [{ x: 700, y, stay: 0, facing: 'left', pose: 'stand' }, { x: 318 + random() * 20, y, stay: loop * 0.34, facing: 'front', pose: 'stand' }, { x: 700, y, stay: 0, facing: 'right', pose: 'stand' }] });
  return citizens;
}

/** The entrance: glass doors to the street, the ticket machine, people who come in, take a number and go on. */
import { dice, lit, mix, shade, type Canvas, type Colour } from './canvas.ts';
import { drawPlant, drawPoster, drawScreen, drawTiles } from './furniture.ts';
import { drawPerson, makeLook, type Look } from './person.ts';
import type { Scenery } from './scene.ts';
import { whereabouts, type Stop } from './walk.ts';

const SILL = 198;
const DOOR = { left: 216, right: 424, top: 66 };
const KIOSK = { x: 512, y: 262 };
const GROUND = { speedAt: (y: number) => 26 + Math.max(0, y - 180) * 0.36 };
/** Grown people by where they stand: the farther, the smaller. */
const sizeAt = (y: number): number => 96 + Math.max(0, y - SILL) * 0.72;

interface Passer { look: Look; stops: Stop[]; startsAt: number }

export function entranceScenery(variant: number, loop: number): Scenery {
  const random = dice(variant + 71);
  const wall: Colour = variant % 2 === 0 ? [222, 214, 202] : [206, 214, 222];
  const passers = makePassers(random, loop);

  function background(canvas: Canvas): void {
    // The street, bright as a camera sees it from inside.
    canvas.gradient({ x: 0, y: 40, width: 640, height: 110 }, [232, 240, 246], [222, 230, 226]);
    for (let house = 0; house < 7; house += 1) {
      const x = 120 + house * 62 + random() * 16;
      const height = 34 + random() * 40;
      const colour = mix([206, 200, 190], [184, 196, 202], random());
      canvas.rect(x, 146 - height, 50, height, { colour });
      for (let pane = 0; pane < 6; pane += 1) canvas.rect(x + 6 + pane % 3 * 14, 152 - height + Math.floor(pane / 3) * 16, 8, 9, { colour: shade(colour, 0.82) });
    }
    canvas.gradient({ x: 0, y: 146, width: 640, height: 60 }, [198, 198, 194], [214, 210, 202]);
    for (let tree = 0; tree < 3; tree += 1) {
      const x = 230 + tree * 92;
      canvas.limb(x, 166, 2.5, x, 128, 2, { colour: [120, 96, 76] });
      for (let leaf = 0; leaf < 6; leaf += 1) canvas.ellipse(x + (random() - 0.5) * 34, 116 + (random() - 0.5) * 24, 15, 12, { colour: [118 + random() * 30, 158 + random() * 20, 112], alpha: 0.9 });
    }
  }

  /** Wall with the open doorway: those outside are seen through it only. */
  function between(canvas: Canvas): void {
    const { left, right, top } = DOOR;
    for (const [x, width] of [[0, left - 8], [right + 8, 640 - right - 8]] as const) canvas.gradient({ x, y: 0, width, height: SILL }, shade(wall, 0.86), wall);
    canvas.gradient({ x: left - 8, y: 0, width: right - left + 16, height: top - 8 }, shade(wall, 0.86), shade(wall, 0.92));
    canvas.rect(0, 0, 640, 30, { colour: shade(wall, 0.68) });
    canvas.round(left - 14, 34, right - left + 28, 24, 3, { colour: [168, 32, 34], to: [140, 24, 28] });
    // Frame and the two fixed panes beside the open middle.
    for (const x of [left - 8, left + 48, right - 52, right + 4]) canvas.rect(x, top - 8, 5, SILL - top + 10, { colour: [168, 174, 180], to: [122, 128, 136] });
    canvas.rect(left - 8, top - 8, right - left + 16, 6, lit([166, 172, 178]));
    for (const x of [left - 3, right - 47]) {
      canvas.rect(x, top, 50, SILL - top, { colour: [196, 220, 226], alpha: 0.24 });
      canvas.polygon([[x + 30, top], [x + 44, top], [x + 16, SILL], [x + 2, SILL]], { colour: [255, 255, 255], alpha: 0.16 });
    }
    drawTiles(canvas, SILL, [206, 200, 190], [188, 184, 176]);
    // Light that falls in, and the mat.
    canvas.polygon([[left + 50, SILL], [right - 50, SILL], [right + 46, 352], [left - 46, 352]], { colour: [255, 252, 240], alpha: 0.2 });
    canvas.polygon([[left + 46, SILL + 6], [right - 46, SILL + 6], [right - 22, SILL + 46], [left + 22, SILL + 46]], { colour: [84, 88, 84], to: [66, 70, 68] });
    drawScreen(canvas, 64, 62, 104, 60);
    for (let line = 0; line < 4; line += 1) canvas.rect(74, 72 + line * 11, 46 + (line * 13) % 38, 4, { colour: line === 0 ? [240, 200, 90] : [120, 170, 220], alpha: 0.9 });
    drawPoster(canvas, 470, 66, 46, 62, [40, 116, 92]);
    drawPoster(canvas, 528, 66, 46, 62, [44, 100, 160]);
    drawPlant(canvas, 190, 226, 78, random);
    drawPlant(canvas, 448, 224, 76, random);
    // Ticket machine.
    const { x, y } = KIOSK;
    canvas.ellipse(x, y, 32, 7, { colour: [0, 0, 0], alpha: 0.3 }, 8);
    canvas.polygon([[x - 24, y - 116], [x + 24, y - 116], [x + 27, y], [x - 27, y]], lit([232, 234, 236], 0.76), 2);
    canvas.round(x - 19, y - 108, 38, 34, 2, { colour: [20, 60, 110], to: [30, 84, 146] });
    for (let key = 0; key < 3; key += 1) canvas.round(x - 15, y - 104 + key * 10, 30, 7, 2, { colour: [226, 236, 246], alpha: 0.9 });
    canvas.round(x - 12, y - 64, 24, 5, 2, { colour: [40, 42, 46] });
    // Guard's table at the left.
    canvas.ellipse(94, 276, 70, 10, { colour: [0, 0, 0], alpha: 0.22 }, 10);
    canvas.polygon([[34, 228], [152, 228], [160, 240], [26, 240]], { colour: [176, 132, 92], to: [150, 108, 72] });
    canvas.gradient({ x: 28, y: 240, width: 130, height: 36 }, [142, 102, 68], [112, 80, 54]);
    canvas.round(64, 220, 30, 9, 2, { colour: [240, 238, 230] });
    canvas.round(112, 216, 12, 13, 3, { colour: [196, 70, 60] });
  }

  function draw(canvas: Canvas, time: number, outside: boolean): void {
    const present = passers.flatMap((one) => { const at = whereabouts(one.stops, one.startsAt, time, loop, GROUND); return at === null || (at.y < SILL + 2) !== outside ? [] : [{ one, at }]; });
    for (const { one, at } of present.toSorted((a, b) => a.at.y - b.at.y)) {
      const stands = at.pose !== 'walk';
      const atKiosk = stands && Math.abs(at.x - KIOSK.x) < 60;
      drawPerson(canvas, {
        look: one.look, x: at.x, y: at.y, size: sizeAt(at.y), facing: at.facing, pose: at.pose, phase: at.phase,
        turn: stands ? Math.sin(time * 1.3 + one.startsAt) * 0.7 : 0, nod: stands && !atKiosk ? 0.5 : 0, hands: atKiosk ? 'reach' : stands ? 'phone' : 'down',
      });
    }
  }

  return {
    background, between, behind: (canvas, time) => draw(canvas, time, true), front: (canvas, time) => draw(canvas, time, false),
    behindBoxes: [{ x: DOOR.left - 4, y: 60, width: DOOR.right - DOOR.left + 8, height: SILL - 54 }],
    signs: [{ text: 'CHÀO MỪNG QUÝ CÔNG DÂN', x: 320, y: 46, size: 15, colour: 'FFE27A' }],
  };
}

function makePassers(random: () => number, loop: number): Passer[] {
  const passers: Passer[] = [];
  const step = (x: number, y: number, stay = 0, facing: Stop['facing'] = 'front'): Stop => ({ x, y, stay, facing, pose: 'stand' });
  for (let index = 0; index < 9; index += 1) {
    const side = random() < 0.5 ? -1 : 1;
    const street = step(320 + side * 140, 176);
    const door = step(320 + (random() - 0.5) * 50, 186);
    const inside = step(320 + (random() - 0.5) * 60, 236);
    const away = step(random() < 0.5 ? -60 : 700, 318 + random() * 24);
    const kind = index % 3;
    const stops = kind === 0 ? [street, door, inside, step(KIOSK.x - 34, KIOSK.y + 10, 3.5 + random() * 2, 'right'), step(400, 300, 1 + random() * 2), step(away.x, 330)]
      : kind === 1 ? [street, door, inside, away]
        : [away, step(330 + random() * 30, 282), step(door.x + 14, 196), step(door.x, 178), step(320 - side * 140, 174)];
    passers.push({ look: makeLook(random), stops, startsAt: index * loop / 9 + random() * 2 });
  }
  return passers;
}

/** People, drawn from limbs: standing, walking, sitting, seen from the front, the back or the side. */
import { lit, mix, shade, type Canvas, type Colour } from './canvas.ts';

export interface Look {
  skin: Colour; hair: Colour; top: Colour; bottom: Colour; shoes: Colour;
  hairStyle: 'short' | 'long' | 'tied' | 'cap'; sleeves: 'short' | 'long'; bag: 'none' | 'shoulder' | 'back' | 'folder'; build: number; height: number; cap: Colour;
}
export type Facing = 'front' | 'back' | 'left' | 'right';
export interface Figure {
  look: Look;
  /** Where the feet stand; for someone who sits, where the feet rest. */
  x: number; y: number;
  /** Height of a grown person here, in pixels. */
  size: number;
  facing: Facing;
  pose: 'stand' | 'walk' | 'sit' | 'desk';
  /** Radians of the walk, or of whatever the hands do. */
  phase: number;
  /** −1 looks left, 1 looks right. */
  turn: number;
  /** 0 looks ahead, 1 looks down. */
  nod: number;
  hands: 'down' | 'counter' | 'phone' | 'typing' | 'paper' | 'lap' | 'reach';
}

const SKINS: Colour[] = [[226, 184, 152], [214, 168, 134], [200, 152, 118], [233, 196, 166]];
const HAIRS: Colour[] = [[34, 30, 30], [44, 36, 32], [58, 46, 40], [120, 116, 114]];
const TOPS: Colour[] = [[232, 232, 228], [86, 118, 168], [176, 74, 70], [92, 134, 108], [214, 178, 96], [126, 104, 152], [70, 82, 104], [198, 140, 140], [152, 176, 190], [206, 200, 184]];
const BOTTOMS: Colour[] = [[46, 52, 68], [62, 62, 64], [88, 78, 66], [54, 70, 102], [38, 38, 42], [116, 104, 86]];
const CAPS: Colour[] = [[182, 60, 54], [60, 84, 120], [236, 232, 220]];

const pick = <T>(list: readonly T[], chance: number): T => list[Math.floor(chance * list.length)] as T;

export function makeLook(random: () => number): Look {
  const chance = random();
  return {
    skin: pick(SKINS, random()), hair: pick(HAIRS, random() * random()), top: pick(TOPS, random()), bottom: pick(BOTTOMS, random()), shoes: shade(pick(BOTTOMS, random()), 0.6),
    hairStyle: chance < 0.42 ? 'short' : chance < 0.66 ? 'long' : chance < 0.84 ? 'tied' : 'cap',
    sleeves: random() < 0.55 ? 'short' : 'long', bag: pick(['none', 'shoulder', 'back', 'folder', 'none'] as const, random()),
    build: 0.9 + random() * 0.25, height: 0.93 + random() * 0.12, cap: pick(CAPS, random()),
  };
}

/** The uniform of those who serve. */
export const officerLook = (random: () => number): Look => ({ ...makeLook(random), top: [222, 230, 240], sleeves: 'long', hairStyle: random() < 0.5 ? 'short' : 'tied', bag: 'none', height: 1, build: 1 });

export function drawPerson(canvas: Canvas, figure: Figure): void {
  const unit = figure.size * figure.look.height;
  if (figure.pose !== 'desk') canvas.ellipse(figure.x, figure.y, unit * 0.17, unit * 0.04, { colour: [0, 0, 0], alpha: 0.3 }, unit * 0.06);
  if (figure.pose === 'sit') { drawSitting(canvas, figure, unit); return; }
  const sideways = figure.facing === 'left' || figure.facing === 'right';
  const walking = figure.pose === 'walk';
  const bob = walking ? Math.abs(Math.sin(figure.phase)) * unit * 0.014 : 0;
  const hipY = figure.y - unit * 0.48 + bob;
  if (figure.pose !== 'desk') (sideways ? drawLegsFromSide : drawLegsFromFront)(canvas, figure, unit, hipY);
  drawUpper(canvas, figure, unit, figure.x, hipY);
}

function drawLegsFromSide(canvas: Canvas, { look, x, y, facing, phase, pose }: Figure, unit: number, hipY: number): void {
  const ahead = facing === 'right' ? 1 : -1;
  const far = shade(look.bottom, 0.72);
  for (const [colour, sign] of [[far, -1], [look.bottom, 1]] as const) {
    const swing = pose === 'walk' ? Math.sin(phase) * sign : sign * 0.12;
    const lift = pose === 'walk' ? Math.max(0, Math.cos(phase) * sign) : 0;
    const footX = x + ahead * swing * unit * 0.15;
    const footY = y - lift * unit * 0.05;
    const kneeX = (x + footX) / 2 + ahead * unit * (0.02 + lift * 0.05);
    const kneeY = (hipY + footY) / 2 - lift * unit * 0.02;
    canvas.limb(x, hipY, unit * 0.062 * look.build, kneeX, kneeY, unit * 0.045, lit(colour));
    canvas.limb(kneeX, kneeY, unit * 0.045, footX, footY - unit * 0.03, unit * 0.033, lit(colour));
    canvas.limb(footX - ahead * unit * 0.015, footY - unit * 0.014, unit * 0.02, footX + ahead * unit * 0.06, footY - unit * 0.01, unit * 0.015, { colour: look.shoes });
  }
}

function drawLegsFromFront(canvas: Canvas, { look, x, y, phase, pose }: Figure, unit: number, hipY: number): void {
  for (const sign of [-1, 1]) {
    const step = pose === 'walk' ? Math.sin(phase) * sign : 0;
    const footY = y - Math.max(0, step) * unit * 0.055;
    const footX = x + sign * unit * 0.05;
    const colour = shade(look.bottom, step > 0.2 ? 0.84 : 1);
    canvas.limb(x + sign * unit * 0.045 * look.build, hipY, unit * 0.064 * look.build, footX, (hipY + footY) / 2, unit * 0.05, lit(colour));
    canvas.limb(footX, (hipY + footY) / 2, unit * 0.05, footX, footY - unit * 0.035, unit * 0.038, lit(colour));
    canvas.ellipse(footX + sign * unit * 0.008, footY - unit * 0.014, unit * 0.036, unit * 0.024, { colour: look.shoes });
  }
}

/** Trunk, arms and head, for everybody: `hipY` is where the trunk begins. */
function drawUpper(canvas: Canvas, figure: Figure, unit: number, x: number, hipY: number): void {
  const { look, facing, pose, phase } = figure;
  const sideways = facing === 'left' || facing === 'right';
  const ahead = facing === 'right' ? 1 : facing === 'left' ? -1 : 0;
  const shoulderY = hipY - unit * 0.315;
  const half = unit * (sideways ? 0.075 : 0.118) * look.build;
  const swing = pose === 'walk' ? Math.sin(phase) : 0;
  const lean = ahead * unit * (pose === 'walk' ? 0.02 : 0);
  const arm = (side: number, behind: boolean): void => drawArm(canvas, figure, unit, x + lean + (sideways ? 0 : side * half * 0.98), shoulderY + unit * 0.035, side, sideways ? swing * side * ahead : swing * side, behind);

  if (sideways) arm(-1, true);
  if (look.bag === 'back' && facing === 'front') drawBag(canvas, figure, unit, x, shoulderY);
  // Trunk: narrower at the waist, round at the shoulders.
  canvas.polygon([[x + lean - half * 0.8, shoulderY + unit * 0.02], [x + lean + half * 0.8, shoulderY + unit * 0.02], [x + half * 0.62, hipY + unit * 0.025], [x - half * 0.62, hipY + unit * 0.025]], lit(look.top, 0.7), unit * 0.032);
  if (!sideways && facing === 'front') {
    canvas.polygon([[x - unit * 0.03, shoulderY - unit * 0.008], [x + unit * 0.03, shoulderY - unit * 0.008], [x, shoulderY + unit * 0.05]], { colour: shade(look.skin, 0.9) });
  }
  if (look.bag === 'back' && facing !== 'front') drawBag(canvas, figure, unit, x - ahead * half, shoulderY);
  if (look.bag === 'shoulder') drawBag(canvas, figure, unit, x, shoulderY);
  canvas.limb(x + lean, shoulderY, unit * 0.032, x + lean, shoulderY - unit * 0.035, unit * 0.03, { colour: shade(look.skin, 0.8) });
  drawHead(canvas, figure, unit, x + lean + ahead * unit * 0.012, shoulderY - unit * 0.098);
  if (sideways) arm(1, false);
  else { arm(-1, false); arm(1, false); }
}

function drawArm(canvas: Canvas, { look, facing, hands, phase }: Figure, unit: number, x: number, y: number, side: number, swing: number, behind: boolean): void {
  const sideways = facing === 'left' || facing === 'right';
  const ahead = facing === 'right' ? 1 : facing === 'left' ? -1 : 0;
  const sleeve = shade(look.top, behind ? 0.66 : 0.92);
  let [ex, ey, hx, hy] = [x + side * unit * 0.03, y + unit * 0.15, x + side * unit * 0.022, y + unit * 0.285];
  if (sideways) [ex, ey, hx, hy] = [x + swing * unit * 0.07, y + unit * 0.15, x + swing * unit * 0.15 + ahead * unit * 0.03, y + unit * 0.27];
  const small = Math.sin(phase * 3 + side) * unit * 0.012;
  if (hands === 'counter') [ex, ey, hx, hy] = [x + side * unit * 0.055, y + unit * 0.12, x + side * unit * 0.0, y + unit * 0.17 + small];
  if (hands === 'typing') [ex, ey, hx, hy] = [x + side * unit * 0.05, y + unit * 0.14, x - side * unit * 0.05, y + unit * 0.2 + small];
  if (hands === 'phone' || hands === 'paper') [ex, ey, hx, hy] = [x + side * unit * 0.04, y + unit * 0.14, x - side * unit * 0.075 + ahead * unit * 0.1, y + unit * 0.13 + small * 0.5];
  if (hands === 'lap') [ex, ey, hx, hy] = [x + side * unit * 0.04, y + unit * 0.15, x - side * unit * 0.06, y + unit * 0.24];
  if (hands === 'reach' && side > 0 && facing === 'back') [ex, ey, hx, hy] = [x + unit * 0.055, y + unit * 0.1, x + unit * 0.075, y + unit * (0.03 + 0.02 * Math.sin(phase * 2))];
  else if (hands === 'reach' && side > 0) [ex, ey, hx, hy] = [x + unit * 0.09, y + unit * 0.06, x + unit * 0.17, y + unit * (0.02 + 0.03 * Math.sin(phase * 2))];
  canvas.limb(x, y, unit * 0.04 * look.build, ex, ey, unit * 0.033, lit(sleeve, 0.8));
  canvas.limb(ex, ey, unit * 0.031, hx, hy, unit * 0.023, lit(look.sleeves === 'long' ? sleeve : shade(look.skin, behind ? 0.7 : 0.95), 0.8));
  canvas.ellipse(hx, hy, unit * 0.026, unit * 0.026, { colour: shade(look.skin, behind ? 0.72 : 1) });
  if (hands === 'phone' && side > 0) canvas.round(hx - unit * 0.065, hy - unit * 0.05, unit * 0.04, unit * 0.07, 1.5, { colour: [28, 30, 36] });
  if (hands === 'paper' && side > 0) canvas.polygon([[hx - unit * 0.11, hy - unit * 0.09], [hx + unit * 0.02, hy - unit * 0.07], [hx + unit * 0.01, hy + unit * 0.08], [hx - unit * 0.12, hy + unit * 0.06]], { colour: [244, 242, 234], to: [216, 214, 208] });
  if (look.bag === 'folder' && side < 0 && hands === 'down' && !behind) canvas.round(hx - unit * 0.06, hy - unit * 0.07, unit * 0.11, unit * 0.15, 2, { colour: [206, 178, 92], to: [176, 146, 66] });
}

function drawHead(canvas: Canvas, { look, facing, turn, nod }: Figure, unit: number, x: number, y: number): void {
  const [rx, ry] = [unit * 0.062, unit * 0.078];
  const side = facing === 'left' ? -1 : facing === 'right' ? 1 : turn * 0.6;
  const cy = y + nod * unit * 0.022;
  const cx = x + side * unit * 0.006;
  // Long hair falls beside the face, or behind it when seen from the side.
  if (look.hairStyle === 'long' && facing !== 'back') {
    for (const lock of Math.abs(side) > 0.8 ? [-side * 0.75, -side * 0.4] : [-0.86, 0.86]) {
      canvas.limb(cx + lock * rx, cy - unit * 0.01, unit * 0.026, cx + lock * rx * 1.02, cy + unit * 0.09, unit * 0.017, { colour: shade(look.hair, 0.85) });
    }
  }
  if (facing === 'back') {
    canvas.ellipse(cx, cy, rx, ry, lit(look.skin));
    canvas.ellipse(cx - turn * unit * 0.01, cy - unit * 0.012, rx * 1.06, ry * 0.96, lit(look.hair, 0.8));
    if (look.hairStyle === 'long') canvas.limb(cx, cy, unit * 0.064, cx, cy + unit * 0.1, unit * 0.052, lit(look.hair, 0.8));
    if (look.hairStyle === 'tied') canvas.limb(cx, cy + unit * 0.01, unit * 0.026, cx + unit * 0.008, cy + unit * 0.125, unit * 0.016, { colour: shade(look.hair, 1.25) });
    if (Math.abs(turn) > 0.3) canvas.ellipse(cx + turn * unit * 0.06, cy + unit * 0.018, unit * 0.016, unit * 0.034, { colour: shade(look.skin, 0.94) });
  } else {
    canvas.ellipse(cx, cy - unit * 0.008, rx * 1.06, ry * 1.04, { colour: look.hair });
    // The face lies towards where the person looks; the hair keeps the rest.
    const fx = cx + side * unit * 0.022;
    const fy = cy + unit * (0.014 + nod * 0.022);
    canvas.ellipse(fx, fy, rx * (Math.abs(side) > 0.8 ? 0.8 : 0.9), ry * (0.86 - nod * 0.14), lit(look.skin, 0.84));
    const eye = shade(look.skin, 0.42);
    for (const at of Math.abs(side) > 0.8 ? [0.55] : [-0.4, 0.4]) {
      const [px, py] = [fx + (Math.abs(side) > 0.8 ? side * 0.42 : at + side * 0.25) * rx, fy - unit * 0.004 + nod * unit * 0.014];
      canvas.ellipse(px, py, unit * 0.0085, unit * 0.0075, { colour: eye, alpha: 0.85 });
      canvas.rect(px - unit * 0.014, py - unit * 0.02, unit * 0.028, unit * 0.006, { colour: look.hair, alpha: 0.55 });
    }
    canvas.ellipse(fx + side * rx * (Math.abs(side) > 0.8 ? 0.74 : 0.3), fy + unit * 0.018, unit * 0.008, unit * 0.01, { colour: shade(look.skin, 0.78) });
    canvas.rect(fx + side * rx * 0.3 - unit * 0.013, fy + unit * 0.036, unit * 0.026, unit * 0.007, { colour: mix(shade(look.skin, 0.7), [150, 70, 66], 0.4) });
    // Fringe.
    canvas.ellipse(cx, cy - unit * (0.052 - nod * 0.016), rx * 1.02, ry * (0.42 + nod * 0.16), { colour: look.hair, to: shade(look.hair, 0.8) });
    if (look.hairStyle === 'tied') canvas.ellipse(cx - (side || 0.4) * unit * 0.06, cy - unit * 0.03, unit * 0.026, unit * 0.03, { colour: look.hair });
  }
  if (look.hairStyle === 'cap') {
    canvas.ellipse(cx, cy - unit * 0.036, rx * 1.14, ry * 0.6, lit(look.cap));
    if (facing !== 'back') canvas.round(cx - rx * 1.05 + side * rx * 0.9, cy - unit * 0.032, rx * 2.1, unit * 0.018, 2, { colour: shade(look.cap, 0.75) });
  }
}

function drawBag(canvas: Canvas, { look, facing }: Figure, unit: number, x: number, shoulderY: number): void {
  const colour = mix(look.bottom, [110, 74, 50], 0.7);
  if (look.bag === 'back') {
    canvas.round(x - unit * 0.075, shoulderY + unit * 0.02, unit * 0.15, unit * 0.2, unit * 0.035, lit(colour));
    if (facing === 'back') canvas.round(x - unit * 0.05, shoulderY + unit * 0.12, unit * 0.1, unit * 0.07, unit * 0.015, { colour: shade(colour, 0.8) });
    return;
  }
  const down = facing === 'left' ? -1 : 1;
  canvas.limb(x - down * unit * 0.08, shoulderY + unit * 0.02, unit * 0.009, x + down * unit * 0.1, shoulderY + unit * 0.27, unit * 0.009, { colour: shade(colour, 0.7) });
  canvas.round(x + down * unit * 0.1 - unit * 0.055, shoulderY + unit * 0.26, unit * 0.11, unit * 0.1, unit * 0.02, lit(colour));
}

/** Facing us: thighs come towards the camera, so they are short. */
function drawSitting(canvas: Canvas, figure: Figure, unit: number): void {
  const { look, x, y } = figure;
  const seatY = y - unit * 0.27;
  drawUpper(canvas, { ...figure, look: { ...look, bag: 'none' } }, unit, x, seatY - unit * 0.01);
  for (const sign of [-1, 1]) {
    const kneeX = x + sign * unit * 0.07;
    canvas.limb(x + sign * unit * 0.055, seatY - unit * 0.015, unit * 0.058 * look.build, kneeX, seatY + unit * 0.045, unit * 0.058, lit(shade(look.bottom, 1.1)));
    canvas.limb(kneeX, seatY + unit * 0.05, unit * 0.05, kneeX, y - unit * 0.035, unit * 0.036, lit(shade(look.bottom, 0.86)));
    canvas.ellipse(kneeX + sign * unit * 0.006, y - unit * 0.012, unit * 0.036, unit * 0.024, { colour: look.shoes });
  }
  if (figure.hands !== 'down') {
    for (const side of [-1, 1]) drawArm(canvas, figure, unit, x + side * unit * 0.115 * look.build, seatY - unit * 0.29, side, 0, false);
  }
}

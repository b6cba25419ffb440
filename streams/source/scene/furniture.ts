/** Things that stand about in an office. Static, drawn once per clip. */
import { lit, shade, type Canvas, type Colour } from './canvas.ts';

export function drawTiles(canvas: Canvas, top: number, light: Colour, dark: Colour): void {
  const { width, height } = canvas;
  canvas.gradient({ x: 0, y: top, width, height: height - top }, dark, light);
  const line = { colour: shade(dark, 0.78), alpha: 0.35 };
  for (let index = -14; index <= 14; index += 1) {
    const [near, far] = [width / 2 + index * 92, width / 2 + index * 46];
    canvas.limb(far, top, 0.5, near, height, 1, line);
  }
  for (let row = 0; row < 6; row += 1) canvas.rect(0, top + (height - top) * (row / 6) ** 1.7, width, 0.6 + row * 0.2, line);
}

export function drawPlant(canvas: Canvas, x: number, y: number, size: number, random: () => number): void {
  canvas.ellipse(x, y, size * 0.26, size * 0.06, { colour: [0, 0, 0], alpha: 0.25 }, size * 0.07);
  for (let leaf = 0; leaf < 17; leaf += 1) {
    const angle = -Math.PI / 2 + (leaf / 16 - 0.5) * 2.3 + (random() - 0.5) * 0.3;
    const reach = size * (0.5 + random() * 0.3);
    const green: Colour = [46 + random() * 36, 104 + random() * 40, 62 + random() * 20];
    const [mx, my] = [x + Math.cos(angle) * reach * 0.5, y - size * 0.34 + Math.sin(angle) * reach * 0.62];
    const [tx, ty] = [x + Math.cos(angle) * reach, y - size * 0.3 + Math.sin(angle) * reach * 0.86];
    canvas.limb(x, y - size * 0.26, size * 0.012, mx, my, size * 0.036, { colour: shade(green, 0.8) });
    canvas.limb(mx, my, size * 0.036, tx, ty, size * 0.008, { colour: green });
  }
  canvas.polygon([[x - size * 0.17, y - size * 0.3], [x + size * 0.17, y - size * 0.3], [x + size * 0.125, y], [x - size * 0.125, y]], lit([232, 226, 214], 0.7), 1.5);
  canvas.round(x - size * 0.19, y - size * 0.32, size * 0.38, size * 0.055, 2, lit([240, 235, 224], 0.72));
}

export function drawPoster(canvas: Canvas, x: number, y: number, width: number, height: number, head: Colour): void {
  canvas.round(x + 2, y + 3, width, height, 2, { colour: [0, 0, 0], alpha: 0.16 });
  canvas.round(x, y, width, height, 1.5, { colour: [246, 244, 238] });
  canvas.rect(x + 3, y + 3, width - 6, height * 0.16, { colour: head });
  for (let line = 0; line < 7; line += 1) {
    const top = y + height * (0.27 + line * 0.095);
    canvas.rect(x + 5, top, (width - 10) * (line % 3 === 2 ? 0.6 : 0.94), 1.6, { colour: [120, 126, 136], alpha: 0.75 });
  }
}

export function drawClock(canvas: Canvas, x: number, y: number, radius: number): void {
  canvas.ellipse(x + 1, y + 2, radius + 1.5, radius + 1.5, { colour: [0, 0, 0], alpha: 0.2 }, 3);
  canvas.ellipse(x, y, radius + 1.5, radius + 1.5, { colour: [58, 62, 70] });
  canvas.ellipse(x, y, radius, radius, { colour: [250, 250, 248] });
  for (let hour = 0; hour < 12; hour += 1) canvas.ellipse(x + Math.sin(hour * Math.PI / 6) * radius * 0.8, y - Math.cos(hour * Math.PI / 6) * radius * 0.8, 0.9, 0.9, { colour: [70, 74, 84] });
}

const SEGMENTS = [0b1110111, 0b0100100, 0b1011101, 0b1101101, 0b0101110, 0b1101011, 0b1111011, 0b0100101, 0b1111111, 0b1101111];
/** A figure of light bars, as queue displays have them. */
export function drawDigits(canvas: Canvas, text: string, x: number, y: number, height: number, colour: Colour): void {
  const width = height * 0.52;
  const thick = height * 0.065;
  [...text].forEach((digit, index) => {
    const left = x + index * (width + height * 0.24);
    const bars = SEGMENTS[Number(digit)] ?? 0;
    const [right, middle, bottom] = [left + width, y + height / 2, y + height];
    const ends = [[left, y, right, y], [left, y, left, middle], [right, y, right, middle], [left, middle, right, middle], [left, middle, left, bottom], [right, middle, right, bottom], [left, bottom, right, bottom]];
    ends.forEach(([x1 = 0, y1 = 0, x2 = 0, y2 = 0], bar) => {
      const on = (bars >> bar) & 1;
      canvas.limb(x1 + (x2 - x1) * 0.12, y1 + (y2 - y1) * 0.12, thick, x2 - (x2 - x1) * 0.12, y2 - (y2 - y1) * 0.12, thick, { colour, alpha: on ? 1 : 0.07 });
    });
  });
}

export function drawScreen(canvas: Canvas, x: number, y: number, width: number, height: number): void {
  canvas.round(x + 2, y + 3, width, height, 3, { colour: [0, 0, 0], alpha: 0.25 });
  canvas.round(x, y, width, height, 3, { colour: [22, 24, 30] });
  canvas.round(x + 2.5, y + 2.5, width - 5, height - 5, 1.5, { colour: [14, 20, 34], to: [24, 32, 50] });
}

/** A monitor seen from behind, as the public sees an officer's. */
export function drawMonitorBack(canvas: Canvas, x: number, y: number, width: number): void {
  const height = width * 0.62;
  canvas.polygon([[x - width * 0.1, y - 4], [x + width * 0.1, y - 4], [x + width * 0.16, y], [x - width * 0.16, y]], { colour: [40, 42, 48] });
  canvas.round(x - width / 2, y - 4 - height, width, height, 3, { colour: [52, 55, 62], to: [36, 38, 44] });
  canvas.round(x - width * 0.14, y - height * 0.72, width * 0.28, height * 0.3, 2, { colour: [44, 46, 52] });
}

/** Daylight through a window with blinds. */
export function drawWindow(canvas: Canvas, x: number, y: number, width: number, height: number): void {
  canvas.round(x - 4, y - 4, width + 8, height + 8, 2, { colour: [236, 236, 232] });
  canvas.gradient({ x, y, width, height }, [206, 226, 240], [226, 234, 226]);
  for (let slat = 0; slat < height / 6; slat += 1) canvas.rect(x, y + slat * 6, width, 2.6, { colour: [248, 248, 244], alpha: 0.75 });
  canvas.rect(x + width / 2 - 1.5, y, 3, height, { colour: [236, 236, 232] });
}

/** Four metal seats on one beam, from the front. */
export function drawBench(canvas: Canvas, x: number, seatY: number, seat: number, count: number, colour: Colour): void {
  const width = seat * count;
  canvas.ellipse(x + width / 2, seatY + seat * 0.56, width * 0.54, seat * 0.12, { colour: [0, 0, 0], alpha: 0.22 }, seat * 0.14);
  canvas.rect(x, seatY + seat * 0.06, width, seat * 0.07, lit([150, 156, 164]));
  for (const leg of [0.12, 0.88]) {
    canvas.limb(x + width * leg, seatY + seat * 0.1, seat * 0.04, x + width * leg, seatY + seat * 0.54, seat * 0.035, lit([170, 174, 180]));
    canvas.limb(x + width * leg - seat * 0.2, seatY + seat * 0.55, seat * 0.03, x + width * leg + seat * 0.2, seatY + seat * 0.55, seat * 0.03, lit([130, 134, 140]));
  }
  for (let index = 0; index < count; index += 1) {
    const left = x + index * seat + seat * 0.06;
    canvas.round(left, seatY - seat * 0.66, seat * 0.88, seat * 0.6, seat * 0.08, lit(colour, 0.82));
    for (let hole = 1; hole < 5; hole += 1) canvas.rect(left + seat * 0.1, seatY - seat * (0.62 - hole * 0.1), seat * 0.68, 1, { colour: shade(colour, 0.75), alpha: 0.5 });
    canvas.polygon([[left, seatY - seat * 0.1], [left + seat * 0.88, seatY - seat * 0.1], [left + seat * 0.92, seatY + seat * 0.08], [left - seat * 0.04, seatY + seat * 0.08]], lit(shade(colour, 1.08), 0.86), 1);
  }
}

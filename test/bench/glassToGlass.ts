/**
 * `npx tsx test/bench/glassToGlass.ts [masked]`: how old a live picture is when the browser shows it. A camera of ours draws
 * the time into each of its pictures as a pattern of black and white fields, and sends them by RTSP; they take the whole
 * way (node, relay, centre, WebSocket, mpegts.js) and are read back from the enlarged tile by a canvas, on the same clock.
 * What the screen itself takes is not in it; encoding in the camera, and one picture of waiting there, are. Needs `npm run build`.
 */
import { spawn } from 'node:child_process';
import { enter } from '../e2e/walk.ts';
import { openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startTestCentre } from '../support/centre.ts';
import { startClipCameras, type ClipCameras, unitsOf } from '../support/clipCameras.ts';

const [WIDTH, HEIGHT, COLUMNS, ROWS, RATE] = [1280, 720, 8, 4, 15];
const WARM_MS = 12_000;
const MEASURE_MS = 30_000;

/** 32 fields: milliseconds modulo 2^31, and one of even parity. */
function picture(ms: number): Buffer {
  const value = ms % 2 ** 31;
  const bits = Array.from({ length: 31 }, (_, i) => Math.floor(value / 2 ** i) % 2);
  bits.push(bits.reduce((sum, bit) => sum + bit, 0) % 2);
  const grey = Buffer.alloc(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1) for (let column = 0; column < COLUMNS; column += 1) {
    const bit = bits[Math.floor(y / (HEIGHT / ROWS)) * COLUMNS + column] ?? 0;
    grey.fill(bit === 1 ? 230 : 25, y * WIDTH + column * WIDTH / COLUMNS, y * WIDTH + (column + 1) * WIDTH / COLUMNS);
  }
  return grey;
}

/** Pictures of this moment, encoded as a camera does it, handed on as soon as each is whole. */
function startEncoder(onPicture: (units: Buffer[]) => void): { stop(): void } {
  const ffmpeg = spawn('ffmpeg', ['-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${WIDTH}x${HEIGHT}`, '-r', String(RATE), '-i', 'pipe:0', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-profile:v', 'main', '-preset', 'ultrafast', '-tune', 'zerolatency',
    '-threads', '1', '-b:v', '1500k', '-x264-params', 'keyint=15:scenecut=0:repeat-headers=1:bframes=0:slices=1:aud=1', '-flush_packets', '1', '-f', 'h264', 'pipe:1'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const timer = setInterval(() => { if (ffmpeg.stdin.writableLength < 4_000_000) ffmpeg.stdin.write(picture(Date.now())); }, 1000 / RATE);
  let pending = Buffer.alloc(0);
  ffmpeg.stdout.on('data', (data: Buffer) => {
    pending = Buffer.concat([pending, data]);
    // An access unit delimiter (type 9) begins each picture.
    for (;;) {
      const next = pending.indexOf(Buffer.from([0, 0, 0, 1, 9]), 5);
      if (next < 0) return;
      onPicture(picturesOf(pending.subarray(0, next)));
      pending = pending.subarray(next);
    }
  });
  ffmpeg.stdin.on('error', () => undefined);
  return { stop() { clearInterval(timer); ffmpeg.kill('SIGKILL'); } };
}
function picturesOf(bytes: Buffer): Buffer[] {
  return unitsOf(bytes).filter((unit) => [1, 5, 7, 8].includes((unit[0] ?? 0) & 31));
}

let encoder: { stop(): void } | null = null;
async function main(): Promise<void> {
  const reason = whyNoBrowser();
  if (reason !== null) throw new Error(reason);
  const isMasked = process.argv.includes('masked');
  let cameras: ClipCameras | null = null;
  const opening = new Promise<{ sps: Buffer; pps: Buffer }>((resolve) => {
    encoder = startEncoder((units) => {
      const [sps, pps] = [7, 8].map((type) => units.find((unit) => ((unit[0] ?? 0) & 31) === type));
      if (sps && pps) resolve({ sps, pps });
      cameras?.push(units);
    });
  });
  cameras = await startClipCameras(await opening);
  const centre = await startTestCentre({ media: true, environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
  const browser = await openBrowser();
  try {
    await centre.call('POST', '/cameras', { body: { id: 'clock', unit: '75', name: 'clock', position: 'counter', url: cameras.url('clock') } });
    // Beside the pattern's fields' middles, which are read.
    if (isMasked) await centre.call('PUT', '/cameras/clock/masks', { body: { shapes: [[[0, 0], [0.02, 0], [0.02, 0.02], [0, 0.02]]], note: 'a corner', version: 0 } });
    const { page } = await enter(browser, centre, '/wall/camera?live=clock', { size: [1366, 768] });
    await page.waitForSelector('dialog .tile.live', { timeout: 60_000 });
    // tsx names the functions that it hands over by this.
    await page.evaluate('globalThis.__name = (one) => one');
    const samples = await page.evaluate(async ({ warm, long, columns, rows }) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: columns, height: rows });
      const context = canvas.getContext('2d', { willReadFrequently: true });
      const found: number[] = [];
      let unread = 0;
      let last = -1;
      const begin = performance.now();
      await new Promise<void>((resolve) => {
        const look = () => {
          const video = document.querySelector<HTMLVideoElement>('dialog .tile video');
          const now = Date.now();
          if (video && context && video.videoWidth > 0 && performance.now() - begin > warm) {
            // The middle of each field.
            const [w, h] = [video.videoWidth / columns, video.videoHeight / rows];
            for (let y = 0; y < rows; y += 1) for (let x = 0; x < columns; x += 1) context.drawImage(video, (x + 0.4) * w, (y + 0.4) * h, w * 0.2, h * 0.2, x, y, 1, 1);
            const { data } = context.getImageData(0, 0, columns, rows);
            const bits = Array.from({ length: columns * rows }, (_, i) => ((data[i * 4] ?? 0) > 127 ? 1 : 0));
            const value = bits.slice(0, 31).reduce((sum: number, bit, i) => sum + bit * 2 ** i, 0);
            if (bits.slice(0, 31).reduce((sum: number, bit) => sum + bit, 0) % 2 !== bits[31]) unread += 1;
            else if (value !== last) { last = value; found.push((now % 2 ** 31) - value); }
          }
          if (performance.now() - begin > warm + long) resolve(); else requestAnimationFrame(look);
        };
        look();
      });
      return { found, unread };
    }, { warm: WARM_MS, long: MEASURE_MS, columns: COLUMNS, rows: ROWS });
    const sorted = samples.found.sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    console.log(JSON.stringify({ masked: isMasked, pictures: sorted.length, unread: samples.unread, p50: at(0.5), p95: at(0.95), most: at(1), seconds: MEASURE_MS / 1000 }));
    const shown = await page.textContent('dialog figcaption');
    console.log(`the tile says: ${shown ?? ''}`);
  } finally { await browser.close(); await centre.end(); await cameras.stop(); encoder?.stop(); }
}
await main();

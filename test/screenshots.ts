/** `npm run screenshots`: the pages on the simulated province, into docs/screenshots: every scene in four sizes, and the other pages. Takes about six minutes. */
import { mkdirSync } from 'node:fs';
import { fromRoot } from '#config/paths.ts';
import { enter } from './e2e/walk.ts';
import { openBrowser, whyNoBrowser } from './support/browser.ts';
import { startTestCentre } from './support/centre.ts';

interface Picture { name: string; path: string; ready: string; size?: [number, number]; theme?: string; language?: string; purpose?: boolean; keys?: string[]; /** The same page in the other sizes of a wall. */ sizes?: true; /** Nobody is signed in. */ open?: true }
const TROUBLE = '26005';
/** A laptop, an office screen, 4K, and three screens in a row; the larger ones packed harder, all together stay small. */
const SIZES: readonly { name: string; size: [number, number]; quality: number }[] = [{ name: '-1366', size: [1366, 768], quality: 74 }, { name: '', size: [1920, 1080], quality: 72 }, { name: '-4k', size: [3840, 2160], quality: 40 }, { name: '-5760', size: [5760, 1080], quality: 45 }];
const PICTURES: readonly Picture[] = [
  { name: 'wall', path: '/wall/toan-canh', ready: '.tile.live', sizes: true },
  { name: 'wall-hang-cho', path: '/wall/hang-cho', ready: '.scene .tile-box', sizes: true },
  { name: 'wall-qua-han', path: '/wall/qua-han', ready: '.kind-overdue .row', sizes: true },
  { name: 'wall-hai-long', path: '/wall/hai-long', ready: '.kind-ratings .one', sizes: true },
  { name: 'wall-camera', path: '/wall/camera', ready: '.tile.live', sizes: true },
  { name: 'wall-don-vi', path: `/wall/don-vi?unit=${TROUBLE}`, ready: '.scene .tile-box', sizes: true },
  { name: 'console', path: '/console', ready: '.list button', keys: ['j', 'j'] },
  { name: 'performance', path: '/performance?level=district', ready: 'tbody button.value', theme: 'light' },
  { name: 'inspection', path: `/inspection?unit=${TROUBLE}&counter=3`, ready: '.timeline .span', purpose: true },
  { name: 'admin', path: '/admin/system', ready: 'dl' },
  { name: 'desk', path: `/wall/toan-canh?desk=${TROUBLE}`, ready: 'dialog .tile' },
  { name: 'dossiers', path: '/wall/toan-canh?figure=pendingOverdue&of=75', ready: 'dialog tbody tr' },
  { name: 'kiosk', path: '/kiosk', ready: '.code', open: true },
  { name: 'public', path: '/public', ready: '.cards li', theme: 'light', open: true },
  { name: 'design', path: '/design', ready: '.chart svg', theme: 'light' },
  { name: 'wall-en', path: '/wall/toan-canh', ready: '.tile.live', language: 'en' },
  { name: 'wall-light', path: '/wall/toan-canh?theme=light', ready: '.tile.live', size: [1366, 768] },
  { name: 'scene-editor', path: '/scenes/toan-canh', ready: '.canvas .tile' },
  { name: 'indicators', path: '/performance/indicators', ready: 'tbody strong' },
  { name: 'scores', path: '/performance/scores?set=decision-766', ready: 'article li', theme: 'light' },
];

async function main(): Promise<void> {
  const reason = whyNoBrowser();
  if (reason !== null) throw new Error(reason);
  const folder = fromRoot('docs/screenshots');
  mkdirSync(folder, { recursive: true });
  const centre = await startTestCentre({ media: true, environment: { DEMO: 'on' } });
  const browser = await openBrowser();
  try {
    console.log('waiting for the simulated history and a minute of recording …');
    for (;;) {
      const { demo } = (await centre.call<{ demo?: { phase: string } }>('GET', '/system')).body;
      if (demo?.phase === 'live') break;
      await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    }
    await new Promise((resolve) => { setTimeout(resolve, 60_000); });
    for (const { name, path, ready, size = [1920, 1080] as [number, number], theme = 'dark', language = 'vi', purpose = false, keys = [], sizes, open } of PICTURES) {
      const { page } = open ? { page: await (await browser.newContext({ viewport: { width: size[0], height: size[1] } })).newPage() } : await enter(browser, centre, path, { size, theme, language });
      if (open) await page.goto(`${centre.url}${path}`);
      if (purpose) { await page.fill('form input[maxlength="300"]', 'Kiểm tra hồ sơ trễ hạn'); await page.keyboard.press('Enter'); }
      // A picture without it is better than none of those that follow; who looks at it sees what is missing.
      await page.waitForSelector(ready, { timeout: 60_000 }).catch(() => { console.warn(`${name}: «${ready}» did not come`); });
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForTimeout(4_000);
      for (const one of sizes ? SIZES : [{ name: '', size, quality: 74 }]) {
        if (sizes) { await page.setViewportSize({ width: one.size[0], height: one.size[1] }); await page.waitForTimeout(2_500); }
        await page.screenshot({ path: `${folder}/${name}${one.name}.jpg`, type: 'jpeg', quality: one.quality, timeout: 60_000 });
        console.log(`docs/screenshots/${name}${one.name}.jpg`);
      }
      await page.context().close();
    }
  } finally {
    await browser.close();
    await centre.end();
  }
}
await main();

/** `npm run screenshots`: the pages on the simulated province, into docs/screenshots. Takes about three minutes. */
import { mkdirSync } from 'node:fs';
import { fromRoot } from '#config/paths.ts';
import { enter } from './e2e/walk.ts';
import { openBrowser, whyNoBrowser } from './support/browser.ts';
import { startTestCentre } from './support/centre.ts';

interface Picture { name: string; path: string; ready: string; size?: [number, number]; theme?: string; language?: string; purpose?: boolean; keys?: string[] }
const TROUBLE = '26005';
const PICTURES: readonly Picture[] = [
  { name: 'wall', path: '/wall/toan-canh', ready: '.tile.live' },
  { name: 'wall-1366', path: '/wall/toan-canh', ready: '.tile.live', size: [1366, 768] },
  { name: 'wall-4k', path: '/wall/toan-canh', ready: '.tile.live', size: [3840, 2160] },
  { name: 'wall-5760', path: '/wall/toan-canh', ready: '.tile.live', size: [5760, 1080] },
  { name: 'wall-en', path: '/wall/toan-canh', ready: '.tile.live', language: 'en' },
  { name: 'wall-hang-cho', path: '/wall/hang-cho', ready: '.tile.live' },
  { name: 'wall-qua-han', path: '/wall/qua-han', ready: '.kind-overdue .row' },
  { name: 'wall-hai-long', path: '/wall/hai-long', ready: '.kind-ratings .one' },
  { name: 'wall-camera', path: '/wall/camera', ready: '.tile.live' },
  { name: 'wall-don-vi', path: `/wall/don-vi?unit=${TROUBLE}`, ready: '.tile.live' },
  { name: 'wall-light', path: '/wall/toan-canh?theme=light', ready: '.tile.live', size: [1366, 768] },
  { name: 'scene-editor', path: '/scenes/toan-canh', ready: '.canvas .tile' },
  { name: 'public', path: '/public', ready: '.cards li', theme: 'light' },
  { name: 'desk', path: `/wall/toan-canh?desk=${TROUBLE}`, ready: 'dialog .tile.live' },
  { name: 'dossiers', path: '/wall/toan-canh?figure=pendingOverdue&of=75', ready: 'dialog tbody tr' },
  { name: 'console', path: '/console', ready: '.list button', keys: ['j', 'j'] },
  { name: 'performance', path: '/performance?level=district', ready: 'tbody button.value', theme: 'light' },
  { name: 'indicators', path: '/performance/indicators', ready: 'tbody strong' },
  { name: 'scores', path: '/performance/scores?set=decision-766', ready: 'article li', theme: 'light' },
  { name: 'inspection', path: `/inspection?unit=${TROUBLE}&counter=3`, ready: '.timeline .span', purpose: true },
  { name: 'admin', path: '/admin/system', ready: 'dl' },
];

async function main(): Promise<void> {
  const reason = whyNoBrowser();
  if (reason !== null) throw new Error(reason);
  const folder = fromRoot('docs/screenshots');
  mkdirSync(folder, { recursive: true });
  const centre = await startTestCentre({ media: true, environment: { DEMO: 'on' } });
  const browser = await openBrowser();
  try {
    console.log('waiting for the simulated history and some minutes of recording …');
    for (;;) {
      const { demo } = (await centre.call<{ demo: { phase: string } }>('GET', '/system')).body;
      if (demo.phase === 'live') break;
      await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    }
    await new Promise((resolve) => { setTimeout(resolve, 150_000); });
    for (const { name, path, ready, size = [1920, 1080] as [number, number], theme = 'dark', language = 'vi', purpose = false, keys = [] } of PICTURES) {
      const { page } = await enter(browser, centre, path, { size, theme, language });
      if (purpose) { await page.fill('form input[maxlength="300"]', 'Kiểm tra hồ sơ trễ hạn'); await page.keyboard.press('Enter'); }
      await page.waitForSelector(ready, { timeout: 60_000 });
      for (const key of keys) await page.keyboard.press(key);
      await page.waitForTimeout(6_000);
      await page.screenshot({ path: `${folder}/${name}.jpg`, type: 'jpeg', quality: 82 });
      console.log(`docs/screenshots/${name}.jpg`);
      await page.context().close();
    }
  } finally {
    await browser.close();
    await centre.end();
  }
}
await main();

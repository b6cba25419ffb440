/** The system's Chromium. Any error on the console of a page fails its test. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = PLACES.find((place) => existsSync(place)) ?? null;
export const whyNoBrowser = (): string | null => (found === null ? 'no Chromium on this machine (Debian: apt-get install chromium)' : null);

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: found ?? '', args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
}
export function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  // Answers such as 401, or a picture that is not there yet, are part of the conversation; a broken policy or script is not.
  page.on('console', (message) => { if (message.type() === 'error' && !/^Failed to load resource|^WebSocket connection to .*\/media\//.test(message.text())) errors.push(message.text()); });
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}

/** The media node's process: reads its environment, starts the node, stops it when told or when its parent is gone. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { fromRoot } from '#config/paths.ts';
import { readDetector } from './detector/settings.ts';
import { startNode } from './node/node.ts';

const STOP_MS = 9500;
const environment = process.env;
const log = pino({
  level: environment.LOG_LEVEL ?? 'info', base: { part: 'media-node' }, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message',
  redact: ['password', '*.password', 'secret', '*.secret', 'authorization', '*.authorization', 'ticketKey', '*.ticketKey', 'url', '*.url'],
});

/** The same folder layout in source and in dist; only the ending differs. */
const here = fileURLToPath(import.meta.url);
const relayEntry = join(dirname(here), 'relay', here.endsWith('.ts') ? 'entry.ts' : 'entry.js');
const { version } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { version: string };
const font = createRequire(import.meta.url).resolve('@expo-google-fonts/be-vietnam-pro/600SemiBold/BeVietnamPro_600SemiBold.ttf');

function settings() {
  const centreUrl = environment.CENTRE_URL ?? 'http://127.0.0.1:8080';
  const node = environment.NODE_ID ?? 'local';
  const secret = environment.NODE_SECRET ?? '';
  const port = Number(environment.GATEWAY_PORT ?? 0);
  const faults = [
    URL.canParse(centreUrl) ? null : 'CENTRE_URL is not a URL',
    /^[a-z0-9][a-z0-9-]{0,39}$/.test(node) ? null : 'NODE_ID may hold small letters, digits and hyphens',
    secret.length >= 16 ? null : 'NODE_SECRET must have at least 16 characters',
    Number.isInteger(port) && port >= 0 && port <= 65535 ? null : 'GATEWAY_PORT must lie between 0 and 65535',
  ].filter((one) => one !== null);
  const { detector, faults: ofDetector } = readDetector(environment);
  return { centreUrl, node, secret, port, detector, faults: [...faults, ...ofDetector] };
}

async function main(): Promise<void> {
  const { centreUrl, node, secret, port, detector, faults } = settings();
  if (faults.length > 0) { log.fatal({ event: 'settings_wrong', faults }); process.exit(2); }
  // Segment files are named by ffmpeg's local time, which has to be UTC for all children.
  process.env.TZ = 'UTC';
  // What follows must not show the secret to children.
  delete process.env.NODE_SECRET;

  let stopping: 'no' | 'yes' = 'no';
  const started = startNode({
    centreUrl, node, secret, dataDir: resolve(environment.DATA_DIR ?? 'data'),
    gatewayHost: environment.GATEWAY_HOST ?? '127.0.0.1', gatewayPort: port, gatewayUrl: environment.GATEWAY_URL ?? null,
    path: environment.PATH ?? '', relayEntry, font, log, version, detector,
  });
  const stop = (why: string): void => {
    if (stopping === 'yes') { if (why !== 'disconnect') process.exit(1); return; }
    stopping = 'yes';
    log.info({ event: 'stopping', why });
    setTimeout(() => { log.error({ event: 'stop_too_slow' }); process.exit(0); }, STOP_MS).unref();
    started.then((running) => running.stop()).then(() => process.exit(0), (error: unknown) => { log.error({ event: 'stop_failed', err: error }); process.exit(1); });
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // Started by a centre: without it there is nobody who would stop this process.
  if (process.channel !== undefined) process.on('disconnect', () => stop('disconnect'));
  process.on('unhandledRejection', (error) => log.error({ event: 'unhandled_rejection', err: error }));
  const running = await started;
  process.send?.({ type: 'ready', gatewayPort: running.gatewayPort });
}

main().catch((error: unknown) => { log.fatal({ event: 'start_failed', err: error }); process.exit(1); });

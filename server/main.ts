/** The process of the centre: configuration in, signals, and the only place that ends it. */
import { readFileSync } from 'node:fs';
import pino from 'pino';
import { ConfigProblems, loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { startCentre, type Centre } from './centre.ts';
import { welcome } from './welcome.ts';

const { version } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as { version: string };

async function main(): Promise<void> {
  const config = loadConfig({ dir: process.env.CONFIG_DIR ?? fromRoot('config'), environment: process.env });
  // Structured lines go to stderr; what a person is to read goes to stdout.
  const log = pino({ level: config.centre.logLevel, base: null, redact: { paths: ['password', '*.password', '*.url', '*.subUrl', 'authorization', '*.authorization', 'cookie'], censor: '[sealed]' } }, pino.destination(2));
  let centre: Centre | null = null;
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) { log.warn({ event: 'stop_at_once', signal }); process.exit(1); }
    stopping = true;
    log.info({ event: 'stopping', signal });
    const late = setTimeout(() => { log.error({ event: 'stop_too_slow' }); process.exit(1); }, 15_000);
    late.unref();
    void (centre?.stop() ?? Promise.resolve()).finally(() => { process.exit(0); });
  };
  process.on('SIGTERM', () => { stop('SIGTERM'); });
  process.on('SIGINT', () => { stop('SIGINT'); });
  process.on('unhandledRejection', (error) => { log.error({ event: 'unhandled', err: error }); });
  centre = await startCentre({ config, log, version, searchPath: process.env.PATH ?? '', runsFromSource: import.meta.filename.endsWith('.ts'), now: () => new Date(), withMedia: true,
    detector: Object.fromEntries(['DETECTOR_PROGRAM', 'DETECTOR_MODEL', 'DETECTOR_ALLOWED'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))) });
  process.stdout.write(welcome(centre, version));
  if (stopping) await centre.stop();
}

main().catch((error: unknown) => {
  const text = error instanceof ConfigProblems ? `The configuration is not valid:\n${error.message}\n` : `The centre did not start: ${error instanceof Error ? error.message : String(error)}\n`;
  process.stderr.write(text);
  if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(1);
});

/** The media node of this machine: a process of its own, started and watched by the centre. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { fromRoot } from '#config/paths.ts';

export interface MediaNodeProcess { stop(): Promise<void>; pid(): number | null; restarts(): number }

export interface MediaNodeSettings { centreUrl: string; id: string; secret: string; dataDir: string; searchPath: string; logLevel: string; log: Logger; runsFromSource: boolean; /** DETECTOR_… of this machine, handed on as they are. */ detector: Record<string, string> }

const PAUSES = [500, 1000, 2000, 5000, 10_000];

export function startMediaNode({ centreUrl, id, secret, dataDir, searchPath, logLevel, log, runsFromSource, detector }: MediaNodeSettings): MediaNodeProcess {
  let child: ChildProcess | null = null;
  let stopping = false;
  let restarts = 0;
  let quick = 0;
  const built = fromRoot('dist/streams/main.js');
  const entry = runsFromSource || !existsSync(built) ? ['--import', 'tsx', fromRoot('streams/main.ts')] : ['--enable-source-maps', built];

  const launch = () => {
    const started = Date.now();
    // The secret goes through the environment of a child of ours, not through its arguments.
    child = spawn(process.execPath, entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { PATH: searchPath, HOME: dataDir, CENTRE_URL: centreUrl, NODE_ID: id, NODE_SECRET: secret, DATA_DIR: dataDir, LOG_LEVEL: logLevel, ...detector } });
    child.once('exit', (code, signal) => {
      child = null;
      if (stopping) return;
      quick = Date.now() - started < 30_000 ? quick + 1 : 0;
      restarts += 1;
      log.error({ event: 'media_node_ended', code, signal, restarts });
      setTimeout(() => { if (!stopping) launch(); }, PAUSES[Math.min(quick, PAUSES.length - 1)]).unref();
    });
  };
  launch();
  return {
    pid: () => child?.pid ?? null,
    restarts: () => restarts,
    async stop() {
      stopping = true;
      const running = child;
      if (!running) return;
      const gone = new Promise<void>((resolve) => { running.once('exit', () => { resolve(); }); });
      running.kill('SIGTERM');
      await Promise.race([gone, sleep(8_000).then(() => { running.kill('SIGKILL'); })]);
    },
  };
}

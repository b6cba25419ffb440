/** The relay as a supervised child: up again within two seconds, under a memory limit, always at the same address. */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { NodeReport } from '#contract/node.ts';
import type { RelayOrders, RelayWord } from './entry.ts';

export interface Relay {
  /** Where ffmpeg publishes a stream. The same through all lives of the relay, so that recordings need not stop for it. */
  publishUrl(stream: string): string;
  /** Where the gateway reads a stream (see door.ts), or null while the relay is away. */
  door(): { port: number; secret: string } | null;
  /** Bits a second of a stream over the last seconds. */
  bitrateKbps(stream: string): number | null;
  report(): NodeReport['relay'];
  readonly pid: number | null;
  stop(): Promise<void>;
}

const MEMORY_MB = 256;
const RESTART_MS = 300;
const RESTART_CAP_MS = 2000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => { server.once('error', reject); server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => { server.close(() => resolve()); });
  return port;
}

export async function startRelay({ entry, log }: { entry: string; log: Logger }): Promise<Relay> {
  // Not rotated with the relay's process: running ffmpegs publish with it, and restarting them would cost recordings.
  const secret = randomBytes(18).toString('base64url');
  const rtmpPort = await freePort();
  let child: ChildProcess | null = null;
  let doorPort: number | null = null;
  let state: 'starting' | 'up' | 'down' | 'stopped' = 'starting';
  let restarts = 0;
  let quickDeaths = 0;
  let residentBytes: number | null = null;
  let before: { at: number; streams: Map<string, number> } = { at: 0, streams: new Map() };
  let rates = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;

  function live(): void {
    const startedAt = performance.now();
    state = 'starting';
    // The child gets the loader flags of this process (development) and its own memory limit; no inherited output.
    // Its heap is small and its frames are not on it: helpers of the collector cost more than they save (a third of its time).
    const born = fork(entry, [], { execArgv: [...process.execArgv, `--max-old-space-size=${MEMORY_MB}`, '--single-threaded-gc', '--no-incremental-marking'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child = born;
    born.send({ type: 'start', secret, rtmpPort } satisfies RelayOrders);
    born.on('message', (word: RelayWord) => {
      if (word.type === 'ready') { doorPort = word.doorPort; state = 'up'; log.info({ event: 'relay_up', restarts }); return; }
      residentBytes = word.residentBytes;
      measure(word.streams);
    });
    born.on('error', () => { /* an IPC write to a child that just died; its exit follows */ });
    born.once('exit', (code, signal) => {
      child = null;
      doorPort = null;
      rates = new Map();
      if (state === 'stopped') return;
      state = 'down';
      restarts += 1;
      quickDeaths = performance.now() - startedAt < 5000 ? quickDeaths + 1 : 0;
      log.warn({ event: 'relay_died', code, signal, restarts });
      timer = setTimeout(live, Math.min(RESTART_CAP_MS, RESTART_MS * 2 ** Math.min(quickDeaths, 8)));
    });
  }

  function measure(streams: Record<string, number>): void {
    const at = performance.now();
    const now = new Map(Object.entries(streams));
    rates = new Map([...now].flatMap(([name, bytes]) => {
      const old = before.streams.get(name);
      return old === undefined || bytes < old ? [] : [[name, (bytes - old) * 8 / (at - before.at)] as const];
    }));
    before = { at, streams: now };
  }

  live();
  return {
    publishUrl: (stream) => `rtmp://127.0.0.1:${rtmpPort}/${secret}/${stream}`,
    door: () => doorPort === null ? null : { port: doorPort, secret },
    bitrateKbps: (stream) => { const rate = rates.get(stream); return rate === undefined ? null : Math.round(rate); },
    report: () => ({ state: state === 'stopped' ? 'down' : state, restarts, residentBytes: child === null ? null : residentBytes }),
    get pid() { return child?.pid ?? null; },
    async stop() {
      state = 'stopped';
      if (timer !== null) clearTimeout(timer);
      const dying = child;
      if (dying === null) return;
      const gone = new Promise<void>((resolve) => { dying.once('exit', () => resolve()); });
      dying.kill('SIGTERM');
      const kill = setTimeout(() => dying.kill('SIGKILL'), 2000);
      await gone;
      clearTimeout(kill);
    },
  };
}

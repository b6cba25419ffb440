/**
 * The node's line to the centre, outbound only. Every report brings back the orders; a centre that is away changes
 * nothing here. The journal follows, in the order of its numbers, from where the centre says it stands.
 */
import type { Logger } from 'pino';
import { nodeMinutesAnswer } from '#contract/picture.ts';
import type { MinuteLog } from '../picture/minuteLog.ts';
import { nodeJournalAnswer, nodeOrders, type NodeOrders, type NodeReport } from '#contract/node.ts';
import type { Journal } from '../recorder/journal.ts';

export interface Link {
  start(): void;
  /** One last attempt to hand over what was journaled while stopping, then silence. */
  stop(): Promise<void>;
}
export interface LinkParts {
  centreUrl: string; node: string; secret: string; log: Logger; journal: Pick<Journal, 'lastSeq' | 'after'>; minutes: Pick<MinuteLog, 'waiting' | 'acknowledge'>;
  report: () => NodeReport;
  obey: (orders: NodeOrders) => void | Promise<void>;
  /** The centre knows this key and has revoked it. */
  onRevoked: () => void | Promise<void>;
  /** The centre's clock, as its answers tell it. */
  onCentreTime: (ms: number) => void;
  /** The centre holds the journal up to here. */
  onAcknowledged: (seq: number) => void;
}

const REPORT_MS = 2000;
const BACKOFF_CAP_MS = 5000;
const PATIENCE_MS = 5000;
const LAST_MS = 1500;
/** Small enough for a body limit of 100 kB. */
const BATCH = 200;

export function openLink(parts: LinkParts): Link {
  const { log, journal } = parts;
  /** What waits now: a request or a pause. Each is ended by `stop`. */
  let interrupt: (() => void) | null = null;
  let stopped = false;
  let acknowledged: number | null = null;
  let running: Promise<void> = Promise.resolve();
  let state: 'unknown' | 'here' | 'away' = 'unknown';

  async function post(path: string, body: unknown): Promise<unknown> {
    const abort = new AbortController();
    interrupt = () => abort.abort();
    const timer = setTimeout(interrupt, stopped ? LAST_MS : PATIENCE_MS);
    try {
      const response = await fetch(new URL(path, parts.centreUrl), {
        method: 'POST', redirect: 'error', signal: abort.signal,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${parts.secret}` }, body: JSON.stringify(body),
      });
      if (response.status === 403 && (await response.clone().json().catch(() => null) as { code?: string } | null)?.code === 'node_revoked') await parts.onRevoked();
      if (!response.ok) { await response.body?.cancel(); throw new Error(`the centre answered ${response.status}`); }
      parts.onCentreTime(Date.parse(response.headers.get('date') ?? ''));
      return await response.json();
    } finally { clearTimeout(timer); interrupt = null; }
  }

  async function pushJournal(from: number): Promise<void> {
    let upTo = from;
    acknowledged = from;
    while (upTo < journal.lastSeq) {
      const entries = await journal.after(upTo, BATCH);
      if (entries.length === 0) break;
      const answer = nodeJournalAnswer.parse(await post('/api/v1/node/journal', { node: parts.node, entries }));
      // An answer that does not move on would make this loop turn for ever.
      if (answer.upTo <= upTo) break;
      upTo = acknowledged = answer.upTo;
    }
    parts.onAcknowledged(upTo);
  }

  async function pushMinutes(): Promise<void> {
    for (let rest = await parts.minutes.waiting(BATCH); rest.length > 0 && !stopped; rest = await parts.minutes.waiting(BATCH)) {
      const { upTo } = nodeMinutesAnswer.parse(await post('/api/v1/node/minutes', { node: parts.node, minutes: rest }));
      await parts.minutes.acknowledge(upTo);
      if (upTo < (rest[0]?.seq ?? Infinity)) return;
    }
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopped) {
      try {
        const orders = nodeOrders.parse(await post('/api/v1/node/report', parts.report()));
        await parts.obey(orders);
        await pushJournal(orders.journalUpTo);
        // A centre of an earlier version orders no looks, and has no door for what they found.
        if (orders.picture) await pushMinutes();
        failures = 0;
        if (state !== 'here') { state = 'here'; log.info({ event: 'centre_here' }); }
      } catch (error) {
        if (stopped) return;
        failures += 1;
        if (state !== 'away') { state = 'away'; log.warn({ event: 'centre_away', why: error instanceof Error ? error.message.slice(0, 200) : 'unknown' }); }
      }
      await pause(failures === 0 ? REPORT_MS : Math.min(BACKOFF_CAP_MS, 500 * 2 ** failures));
    }
  }

  const pause = (ms: number): Promise<void> => new Promise((resolve) => {
    if (stopped) { resolve(); return; }
    const end = (): void => { clearTimeout(timer); interrupt = null; resolve(); };
    const timer = setTimeout(end, ms);
    interrupt = end;
  });

  return {
    start() { running = run(); },
    async stop() {
      stopped = true;
      interrupt?.();
      await running;
      if (state === 'here' && acknowledged !== null) await pushJournal(acknowledged).catch(() => undefined);
    },
  };
}

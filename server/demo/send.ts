/** The sender: batches through the public API, and patience when the centre has none. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Sent } from './day.ts';

const BATCH = 1_000;
export interface Sender { send(events: readonly Sent[]): Promise<void> }

export function makeSender({ baseUrl, key, log, signal }: { baseUrl: string; key: string; log: Logger; signal: AbortSignal }): Sender {
  async function post(kind: Sent['kind'], events: readonly unknown[]): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      let wait = Math.min(30, 1 + attempt);
      try {
        const answer = await fetch(`${baseUrl}/api/v1/ingest/${kind}`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body: JSON.stringify(events), signal });
        if (answer.ok) {
          const { rejected } = await answer.json() as { rejected: { code: string; message: string }[] };
          if (rejected.length > 0) log.warn({ event: 'demo_refused', kind, count: rejected.length, first: rejected[0] });
          return;
        }
        wait = Number(answer.headers.get('retry-after') ?? wait);
        if (answer.status < 500 && answer.status !== 429) { log.error({ event: 'demo_refused', kind, status: answer.status }); return; }
      } catch (error) {
        if (signal.aborted) return;
        log.debug({ event: 'demo_waits', error: String(error) });
      }
      await sleep(wait * 1000, undefined, { signal }).catch(() => undefined);
    }
  }
  return {
    async send(events) {
      for (const kind of ['dossiers', 'queue', 'surveys', 'feedback'] as const) {
        const bodies = events.filter((one) => one.kind === kind).map((one) => one.event);
        for (let i = 0; i < bodies.length && !signal.aborted; i += BATCH) await post(kind, bodies.slice(i, i + BATCH));
      }
    },
  };
}

/** Batches of an import on their way to the centre's public ingest. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IngestAnswer } from '#contract/events.ts';
import { NOTES, problem, type ImportProblem, type Said } from './texts.ts';

/** Waits for a centre that is away; longer once it has answered. */
export function poster(address: string, url: string, key: string, say: (text: Said) => void): (events: readonly unknown[]) => Promise<IngestAnswer> {
  let answered = false;
  return async (events) => {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'accept-language': 'vi' }, body: JSON.stringify(events), signal: AbortSignal.timeout(120_000) }).catch(() => null);
      if (answer?.ok) { answered = true; return await answer.json() as IngestAnswer; }
      if (answer && answer.status < 500 && answer.status !== 429) throw await refusedWhole(answer);
      if (attempt >= (answered || answer ? 20 : 2)) throw problem('away', url);
      if (attempt === 0) say(NOTES.waiting(url));
      const asked = Number(answer?.headers.get('retry-after'));
      await sleep(Math.min(15, asked > 0 ? asked : attempt + 1) * 1000);
    }
  };
}

async function refusedWhole(answer: Response): Promise<ImportProblem> {
  const body = await answer.json().catch(() => null) as { code?: string; messages?: { vi: { cause: string; next: string }; en: { cause: string; next: string } } } | null;
  const { vi, en } = body?.messages ?? { vi: { cause: 'câu trả lời không phải của trung tâm', next: 'Kiểm tra --url.' }, en: { cause: 'the answer is not that of a centre', next: 'Check --url.' } };
  return problem('answer', answer.status, body?.code ?? '', `${vi.cause}. ${vi.next}`, `${en.cause}. ${en.next}`);
}

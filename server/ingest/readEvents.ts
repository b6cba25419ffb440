/** The body of an ingest: a JSON array or NDJSON, UTF-8. A broken line of NDJSON is refused alone; the rest goes on. */
import { Fault } from '#contract/faults.ts';

export const MAX_EVENTS = 10_000;
export interface RawEvent { index: number; value: unknown; malformed: string | null }

export function readEvents(body: unknown, contentType: string): RawEvent[] {
  const read = readOneOrMany(body, contentType);
  if (read.single) throw new Fault('body_not_events', 'the JSON is not an array');
  return read.events;
}

/** Where one may also be sent by itself. `single`: the JSON was no array. */
export function readOneOrMany(body: unknown, contentType: string): { single: boolean; events: RawEvent[] } {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const lines = type === 'application/x-ndjson' || type === 'application/jsonl';
  if (!lines && type !== 'application/json') throw new Fault('unsupported_media_type');
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8') throw new Fault('unsupported_media_type', `charset ${charset} is not accepted; send UTF-8`);
  if (!Buffer.isBuffer(body) || body.length === 0) throw new Fault('body_not_events', 'the body is empty');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Fault('malformed_json', 'the body is not UTF-8');
  }
  const value = lines ? null : readJson(text);
  const events = lines ? readLines(text) : (Array.isArray(value) ? value : [value]).map((one: unknown, index) => ({ index, value: one, malformed: null }));
  if (events.length > MAX_EVENTS) throw new Fault('body_too_large', `${events.length} events; at most ${MAX_EVENTS} a request`);
  return { single: !lines && !Array.isArray(value), events };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // V8 quotes the text around the error: a citizen's data could be in it. Only the place is passed on.
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new Fault('malformed_json', place === undefined ? 'the JSON ends early or is not valid' : `not valid JSON at character ${place}`);
  }
}

function readLines(text: string): RawEvent[] {
  const events: RawEvent[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const index = events.length;
    try { events.push({ index, value: JSON.parse(line) as unknown, malformed: null }); } catch { events.push({ index, value: null, malformed: `line ${index + 1} is not valid JSON` }); }
  }
  return events;
}

/** What a media node sends: larger than the API takes from others, since it grows with its cameras. Throws a Fault. */
import type { z } from 'zod';
import { Fault } from '#contract/faults.ts';

export function readNode<T>(schema: z.ZodType<T>, body: unknown): T {
  let given: unknown;
  try { given = JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '{}'); } catch { throw new Fault('malformed_json'); }
  const read = schema.safeParse(given);
  if (!read.success) throw new Fault('invalid_request', read.error.issues[0]?.path.join('.') ?? null);
  return read.data;
}

/** Live tickets: made by the centre, checked here in constant time, good for one stream, once. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ticketPayload, type TicketPayload } from '#contract/node.ts';

export type TicketVerdict = { ok: true; ticket: TicketPayload } | { ok: false };

export interface TicketDesk {
  check(text: string, camera: string, quality: string): TicketVerdict;
}

const MAX_LENGTH = 2000;
/** Clocks of centre and node may differ by so much. */
const SKEW_MS = 5000;

/**
 * `startedAt`: tickets issued before this process began are refused, since it cannot know whether they were used.
 * Remembering ends with the ticket, so the memory is bounded by the tickets of one minute.
 */
export function openTicketDesk({ key, now, startedAt }: { key: () => Buffer | null; now: () => number; startedAt: () => number }): TicketDesk {
  const used = new Map<string, number>();
  return {
    check(text, camera, quality) {
      const refused: TicketVerdict = { ok: false };
      const secret = key();
      const dot = text.indexOf('.');
      if (secret === null || dot < 1 || text.length > MAX_LENGTH) return refused;
      const expected = createHmac('sha256', secret).update(text.slice(0, dot)).digest();
      const given = Buffer.from(text.slice(dot + 1), 'base64url');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return refused;
      let parsed;
      try { parsed = ticketPayload.safeParse(JSON.parse(Buffer.from(text.slice(0, dot), 'base64url').toString('utf8'))); } catch { return refused; }
      if (!parsed.success) return refused;
      const ticket = parsed.data;
      const at = now();
      if (ticket.camera !== camera || ticket.quality !== quality) return refused;
      if (ticket.expires <= at || ticket.notBefore > at + SKEW_MS || ticket.notBefore < startedAt()) return refused;
      for (const [id, until] of used) if (until <= at) used.delete(id);
      if (used.has(ticket.id)) return refused;
      used.set(ticket.id, ticket.expires);
      return { ok: true, ticket };
    },
  };
}

/** One search for everything that has a name or a number, and whom to call at a desk. */
import { z } from 'zod';

const placed = { unit: z.string(), unitName: z.string() };
export const searchAnswer = z.object({
  /** Of each kind the best first, at most eight. */
  units: z.array(z.object({ ...placed, parentName: z.string().nullable() })),
  cameras: z.array(z.object({ ...placed, id: z.string(), name: z.string(), counter: z.string().nullable() })),
  /** By a part of their code, from four characters with a digit on; the newest first. */
  dossiers: z.array(z.object({ ...placed, code: z.string(), status: z.string(), dueAt: z.string().nullable(), overdue: z.boolean(), counter: z.string().nullable(), at: z.string().nullable() })),
  /** Tickets of the last two days by their number. */
  tickets: z.array(z.object({ ...placed, ticket: z.string(), day: z.string(), counter: z.string().nullable(), at: z.string() })),
}).meta({ id: 'SearchAnswer' });
export type SearchAnswer = z.infer<typeof searchAnswer>;

export const contact = z.object({ unit: z.string(), name: z.string(), role: z.string(), phone: z.string() }).meta({ id: 'Contact' });
/** Somebody to call at a desk (config/contacts.csv). */
export type Contact = z.infer<typeof contact>;

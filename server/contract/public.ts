/** GET /public/figures: what the province publishes (config/public.yaml). Figures of the root unit, nothing else. */
import { z } from 'zod';
import { PUBLIC_FIGURES } from './vocabulary.ts';

export const publicFile = z.strictObject({ enabled: z.boolean().default(true), figures: z.array(z.enum(PUBLIC_FIGURES)).max(PUBLIC_FIGURES.length).default([]) });
export type PublicSettings = z.infer<typeof publicFile>;

export const publicFigures = z.object({
  published: z.boolean(), name: z.object({ vi: z.string(), en: z.string() }), asOf: z.string(), zone: z.string(),
  /** The month so far, days of the centre's zone; `waiting` and `averageWait` are of today. */
  from: z.string(), to: z.string(), coverage: z.object({ reporting: z.int(), expected: z.int() }).nullable(), simulated: z.boolean(),
  figures: z.array(z.object({ name: z.enum(PUBLIC_FIGURES), kind: z.enum(['count', 'share', 'seconds']), value: z.number().nullable(), /** Why there is none. */ reason: z.enum(['none', 'few']).nullable(), target: z.number().nullable() })),
}).meta({ id: 'PublicFigures' });
export type PublicFigures = z.infer<typeof publicFigures>;

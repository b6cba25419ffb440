/** Sign-in, accounts and ingest keys. */
import { z } from 'zod';
import { INGEST_KINDS, ROLES } from './vocabulary.ts';
import { unitCode } from './events.ts';

export const signIn = z.strictObject({ username: z.string().min(1).max(80), password: z.string().min(1).max(200) }).meta({ id: 'SignIn' });
export const sessionAnswer = z.object({
  username: z.string(), roles: z.array(z.enum(ROLES)), unit: z.string(), unitName: z.string(), zone: z.string(),
  /** True when simulated data is in the centre: every screen says so. */
  simulated: z.boolean(), now: z.string(),
  /** Whether a purpose for looking at recordings has been given in this session, and until when it holds. */
  purpose: z.object({ text: z.string(), until: z.string() }).nullable(),
}).meta({ id: 'Session' });
export type SessionAnswer = z.infer<typeof sessionAnswer>;

export const userCreate = z.strictObject({
  username: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{1,79}$/),
  password: z.string().min(10).max(200),
  roles: z.array(z.enum(ROLES)).min(1),
  unit: unitCode,
}).meta({ id: 'UserCreate' });
export const userRow = z.object({ username: z.string(), roles: z.array(z.enum(ROLES)), unit: z.string(), enabled: z.boolean(), createdAt: z.string(), lastSignInAt: z.string().nullable() }).meta({ id: 'User' });

export const ingestKeyCreate = z.strictObject({
  name: z.string().trim().min(1).max(120), kinds: z.array(z.enum(INGEST_KINDS)).min(1), units: z.array(unitCode).min(1),
}).meta({ id: 'IngestKeyCreate' });
export const ingestKeyAnswer = z.object({ id: z.string(), key: z.string() }).meta({ id: 'IngestKeyCreated' });
export const ingestKeyRow = z.object({
  id: z.string(), name: z.string(), kinds: z.array(z.enum(INGEST_KINDS)), units: z.array(z.string()), createdAt: z.string(),
  lastUsedAt: z.string().nullable(), revokedAt: z.string().nullable(), simulated: z.boolean(),
}).meta({ id: 'IngestKey' });

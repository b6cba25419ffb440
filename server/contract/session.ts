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
  /** `enrolBy`: until when an account that needs a second factor may do without; `mustEnrol`: that is past, nothing else answers. */
  secondFactor: z.object({ enrolled: z.boolean(), required: z.boolean(), /** Given at the issuer, and that counts here. */ byIssuer: z.boolean(), enrolBy: z.string().nullable(), mustEnrol: z.boolean(), recoveryLeft: z.number().nullable() }),
  /** Signed in at an issuer; `endSession`: where one signs out of that too. */
  oidc: z.boolean(), endSession: z.string().nullable(),
  /** Whether a purpose must name the decision under which recordings are looked at. */
  decisionRequired: z.boolean(),
  /** Emergency accounts that are open now: told to every administrator, and to whoever uses one. */
  breakGlass: z.array(z.object({ username: z.string(), reason: z.string(), until: z.string() })),
}).meta({ id: 'Session' });
export type SessionAnswer = z.infer<typeof sessionAnswer>;

/** Null: accounts of this centre only. */
export const oidcOffer = z.object({ name: z.object({ vi: z.string(), en: z.string() }).nullable() }).meta({ id: 'OidcOffer' });
export const oidcBegin = z.strictObject({ next: z.string().max(500).regex(/^\/(?![/\\])/).optional() }).meta({ id: 'OidcBegin' });
export const oidcBegun = z.object({ url: z.string() }).meta({ id: 'OidcBegun' });

const password = z.string().min(10).max(200);
export const secondFactorCode = z.strictObject({ code: z.string().trim().min(6).max(40) }).meta({ id: 'SecondFactorCode' });
/** `code`: of the second factor in force, where there is one. `password`: null for accounts of an issuer, which have none. */
export const enrolmentBegin = z.strictObject({ password: z.string().min(1).max(200).nullable().default(null), code: z.string().trim().min(6).max(40).nullable().default(null) }).meta({ id: 'EnrolmentBegin' });
export const enrolmentAnswer = z.object({ key: z.string(), otpauth: z.string() }).meta({ id: 'Enrolment' });
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });
export const passwordChange = z.strictObject({ password: z.string().min(1).max(200), newPassword: password }).meta({ id: 'PasswordChange' });
export const invitationAccept = z.strictObject({ token: z.string().regex(/^[\w-]{43}$/), password }).meta({ id: 'InvitationAccept' });
/** A path of the centre with a token behind «#», which no server and no log sees. */
export const invitation = z.object({ path: z.string(), expiresAt: z.string() }).meta({ id: 'Invitation' });
export const sessionRow = z.object({
  id: z.string(), username: z.string(), unit: z.string(), createdAt: z.string(), seenAt: z.string(), expiresAt: z.string(), address: z.string().nullable(), agent: z.string().nullable(), current: z.boolean(),
}).meta({ id: 'SessionRow' });

/** Under these the centre itself stands in its logs: what a person did would look as if the centre, or its shell, had done it. */
const OWN_NAMES = new Set(['alert', 'centre', 'configuration', 'oidc', 'shell']);
export const accountName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{1,79}$/).refine((name) => !OWN_NAMES.has(name.toLowerCase()), 'a name that the centre uses for itself');
/** Without a password the answer holds a one-time link by which the person sets it. */
export const userCreate = z.strictObject({
  username: accountName,
  password: password.optional(),
  roles: z.array(z.enum(ROLES)).min(1),
  unit: unitCode,
}).meta({ id: 'UserCreate' });
export const userRow = z.object({
  username: z.string(), roles: z.array(z.enum(ROLES)), unit: z.string(), enabled: z.boolean(), createdAt: z.string(), lastSignInAt: z.string().nullable(),
  secondFactor: z.boolean(), /** No password was set yet. */ invited: z.boolean(), /** Of the issuer. */ oidc: z.boolean(), /** Of an account that ends by itself. */ endsAt: z.string().nullable(),
}).meta({ id: 'User' });
export const userMade = userRow.extend({ invitation: invitation.nullable() }).meta({ id: 'UserCreated' });
export const breakGlassAsk = z.strictObject({ reason: z.string().trim().min(10).max(300), hours: z.number().min(0.25).max(24).default(4) }).meta({ id: 'BreakGlassAsk' });
export const breakGlassRow = z.object({ id: z.string(), reason: z.string(), hours: z.number(), requestedBy: z.string(), requestedAt: z.string(), expiresAt: z.string() }).meta({ id: 'BreakGlassRequest' });
export const breakGlassOpened = z.object({ username: z.string(), password: z.string(), until: z.string() }).meta({ id: 'BreakGlassOpened' });

export const ingestKeyCreate = z.strictObject({
  name: z.string().trim().min(1).max(120), kinds: z.array(z.enum(INGEST_KINDS)).min(1), units: z.array(unitCode).min(1),
  /** Requests must be signed with the key, which is then never sent; Bearer is refused. */
  signed: z.boolean().default(false),
}).meta({ id: 'IngestKeyCreate' });
export const ingestKeyAnswer = z.object({ id: z.string(), key: z.string() }).meta({ id: 'IngestKeyCreated' });
export const ingestKeyRow = z.object({
  id: z.string(), name: z.string(), kinds: z.array(z.enum(INGEST_KINDS)), units: z.array(z.string()), createdAt: z.string(),
  lastUsedAt: z.string().nullable(), revokedAt: z.string().nullable(), simulated: z.boolean(), signed: z.boolean(), rotatedAt: z.string().nullable(),
  /** The secret before the last rotation, while it lives. */
  old: z.object({ until: z.string(), lastUsedAt: z.string().nullable() }).nullable(),
}).meta({ id: 'IngestKey' });
/** For how many days the old secret lives on. */
export const ingestKeyRotate = z.strictObject({ days: z.number().min(0).max(90).default(7) }).meta({ id: 'IngestKeyRotate' });
export const ingestKeyRotated = z.object({ id: z.string(), key: z.string(), oldUntil: z.string() }).meta({ id: 'IngestKeyRotated' });

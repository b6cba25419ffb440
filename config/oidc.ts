/**
 * Sign-in at an issuer of OpenID Connect: who the issuer is, and the list of its groups that may come in. What is not on
 * the list stays outside. The secret is no part of the file: it stands in a file of its own outside the project, or in the environment.
 */
import { readFileSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { z } from 'zod';
import { ROLES, type Role } from '#contract/vocabulary.ts';
import { fromRoot } from './paths.ts';

const text = z.string().min(1);
const claim = z.string().min(1).max(200);
const isLoopback = (host: string) => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host);
/** TLS everywhere, but on the machine itself. */
export const isSafeAddress = (url: URL): boolean => url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
function isIssuer(address: string): boolean {
  try { const url = new URL(address); return isSafeAddress(url) && url.search === '' && url.hash === '' && url.username === ''; } catch { return false; }
}

/** The address by which browsers reach the centre: an origin, without a path. */
export const publicUrl = z.string().refine((address) => { try { const url = new URL(address); return /^https?:$/.test(url.protocol) && url.origin === address.replace(/\/$/, ''); } catch { return false; } }, 'an origin without a path, such as https://toan-canh.example.gov.vn').transform((address) => new URL(address).origin);

export const oidcFile = z.strictObject({
  name: z.strictObject({ vi: text.max(60), en: text.max(60) }),
  issuer: z.string().refine(isIssuer, 'an https:// address without a query (http:// only on this machine)'),
  clientId: text.max(300),
  clientSecret: z.union([z.strictObject({ file: z.string().refine(isAbsolute, 'an absolute path') }), z.strictObject({ environment: z.string().regex(/^[A-Za-z_]\w*$/, 'the name of a variable') })], 'either { file: /absolute/path } or { environment: NAME }'),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).default(['openid', 'profile']).refine((scopes) => scopes.includes('openid'), 'must hold «openid»'),
  groupsClaim: z.union([claim, z.array(claim).min(1).max(6)]).default('groups'),
  usernameClaim: claim.default('preferred_username'),
  secondFactor: z.strictObject({ amr: z.array(text).default([]), acr: z.array(text).default([]) }).prefault({}),
  sessionHours: z.number().min(0.25).max(24).default(8),
  allow: z.array(z.strictObject({ group: text.max(300), roles: z.array(z.enum(ROLES)).min(1), unit: text })).min(1, 'names no group: nobody could come in'),
});

export interface Oidc extends Omit<z.infer<typeof oidcFile>, 'clientSecret' | 'groupsClaim'> {
  clientSecret: string;
  /** The way to the groups inside the token. */
  groupsClaim: readonly string[];
}
export interface AllowedGroup { group: string; roles: readonly Role[]; unit: string }

/** What the schema alone cannot see: the units, the public address, the secret. */
export function checkOidc(centre: { oidc: z.infer<typeof oidcFile> | null; publicUrl: string | null }, units: ReadonlySet<string>, environment: Readonly<Record<string, string | undefined>>, report: (path: (string | number)[], message: string) => void): Oidc | null {
  const { oidc } = centre;
  if (oidc === null) return null;
  if (centre.publicUrl === null) report(['oidc'], 'needs publicUrl: the issuer must know where to send people back to');
  for (const [i, { group, unit }] of oidc.allow.entries()) {
    if (!units.has(unit)) report(['oidc', 'allow', i, 'unit'], `«${unit}» is not in the unit tree`);
    if (oidc.allow.findIndex((one) => one.group === group) !== i) report(['oidc', 'allow', i, 'group'], `«${group}» stands here twice`);
  }
  let clientSecret = '';
  if ('file' in oidc.clientSecret) {
    const { file } = oidc.clientSecret;
    const inside = relative(fromRoot(), file);
    if (inside !== '..' && !inside.startsWith(`..${sep}`)) report(['oidc', 'clientSecret', 'file'], 'must lie outside the project');
    else try { clientSecret = readFileSync(file, 'utf8').trim(); } catch (error) { report(['oidc', 'clientSecret', 'file'], `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`); return null; }
  } else clientSecret = environment[oidc.clientSecret.environment] ?? '';
  if (clientSecret === '') report(['oidc', 'clientSecret', 'file' in oidc.clientSecret ? 'file' : 'environment'], 'holds no secret');
  return { ...oidc, clientSecret, groupsClaim: typeof oidc.groupsClaim === 'string' ? [oidc.groupsClaim] : oidc.groupsClaim };
}

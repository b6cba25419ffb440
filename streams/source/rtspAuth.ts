/** Answers to RTSP challenges: Digest (MD5, SHA-256, with and without qop and -sess) and Basic. RFC 2617, RFC 7616. */
import { createHash, randomBytes } from 'node:crypto';
import type { Secret } from './secret.ts';

export interface Challenge { scheme: 'digest' | 'basic'; params: Map<string, string> }
export interface Credentials { username: string; password: Secret }

const HASHES = new Map([['md5', 'md5'], ['sha-256', 'sha256']]);

export function parseChallenges(values: string[]): Challenge[] {
  return values.flatMap((value) => value.split(/(?:^|,\s*)(?=(?:Digest|Basic)\s)/i)).flatMap((part): Challenge[] => {
    const match = /^\s*(Digest|Basic)\s+(.*)$/is.exec(part);
    if (!match) return [];
    const params = new Map<string, string>();
    for (const [, name = '', quoted, plain] of (match[2] ?? '').matchAll(/([a-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)) {
      params.set(name.toLowerCase(), quoted === undefined ? plain ?? '' : quoted.replace(/\\(.)/g, '$1'));
    }
    return [{ scheme: (match[1] ?? '').toLowerCase() as Challenge['scheme'], params }];
  });
}

function hashOf(challenge: Challenge): { hash: string; session: boolean } | null {
  const algorithm = (challenge.params.get('algorithm') ?? 'md5').toLowerCase();
  const hash = HASHES.get(algorithm.replace(/-sess$/, ''));
  return hash === undefined ? null : { hash, session: algorithm.endsWith('-sess') };
}

/** The strongest that we can answer: SHA-256 before MD5 before Basic. */
export function chooseChallenge(challenges: Challenge[]): Challenge | null {
  const rank = (one: Challenge): number => one.scheme === 'basic' ? 1 : hashOf(one) === null ? 0 : hashOf(one)?.hash === 'sha256' ? 3 : 2;
  return challenges.filter((one) => rank(one) > 0).toSorted((a, b) => rank(b) - rank(a))[0] ?? null;
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** One challenge being answered over one connection; counts its uses of the nonce. */
export class Authorization {
  readonly challenge: Challenge;
  readonly #credentials: Credentials;
  #count = 0;
  constructor(challenge: Challenge, credentials: Credentials) {
    this.challenge = challenge;
    this.#credentials = credentials;
  }

  headerFor(method: string, uri: string): string {
    const { username, password } = this.#credentials;
    if (this.challenge.scheme === 'basic') return `Basic ${Buffer.from(`${username}:${password.open()}`, 'utf8').toString('base64')}`;
    const { hash, session } = hashOf(this.challenge) ?? { hash: 'md5', session: false };
    const digest = (text: string): string => createHash(hash).update(text, 'utf8').digest('hex');
    const realm = this.challenge.params.get('realm') ?? '';
    const nonce = this.challenge.params.get('nonce') ?? '';
    const cnonce = randomBytes(8).toString('hex');
    const count = (++this.#count).toString(16).padStart(8, '0');
    const qop = (this.challenge.params.get('qop') ?? '').split(',').map((one) => one.trim().toLowerCase()).includes('auth');
    const identity = digest(`${username}:${realm}:${password.open()}`);
    const ha1 = session ? digest(`${identity}:${nonce}:${cnonce}`) : identity;
    const ha2 = digest(`${method}:${uri}`);
    const response = digest(qop ? `${ha1}:${nonce}:${count}:${cnonce}:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`);
    const parts = [`username=${quote(username)}`, `realm=${quote(realm)}`, `nonce=${quote(nonce)}`, `uri=${quote(uri)}`, `response="${response}"`];
    const algorithm = this.challenge.params.get('algorithm');
    if (algorithm !== undefined) parts.push(`algorithm=${algorithm}`);
    if (qop) parts.push('qop=auth', `nc=${count}`);
    if (qop || session) parts.push(`cnonce="${cnonce}"`);
    const opaque = this.challenge.params.get('opaque');
    if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
    return `Digest ${parts.join(', ')}`;
  }
}

/**
 * The issuer of OpenID Connect, asked by a library that is certified for it: authorization code with PKCE, state and nonce.
 * Every request out has an end in time and size, goes over TLS (or stays on this machine), and follows no redirect.
 */
import * as client from 'openid-client';
import { isSafeAddress, type Oidc } from '#config/oidc.ts';

const SECONDS = 5;
const MOST_BYTES = 262_144;
/** What the issuer says of itself is asked again after this; after a failure, sooner. */
const KEEP = 600_000;
const AFTER_FAILURE = 5_000;

export interface Begun { url: string; state: string; nonce: string; verifier: string }
export interface Identity { subject: string; username: unknown; groups: readonly string[]; issuerFactor: boolean }
export interface Issuer {
  begin(): Promise<Begun>;
  /** Whom the issuer names; `search` is the query with which the browser came back. */
  finish(search: string, begun: Omit<Begun, 'url'>): Promise<Identity>;
  /** Where one signs out of the issuer too, as far as that is known already. */
  endSession(): string | null;
}

const boundedFetch: client.CustomFetch = async (address, options) => {
  if (!isSafeAddress(new URL(address))) throw new Error(`the issuer names an address without TLS: ${new URL(address).origin}`);
  const response = await fetch(address, { ...options, redirect: 'manual' } as RequestInit);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    if (size > MOST_BYTES) throw new Error(`the answer of ${new URL(address).origin} is larger than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return new Response(size === 0 ? null : Buffer.concat(parts), { status: response.status, headers: response.headers });
};

/** The groups, or a single one, at their place in the token; what is no text is none. */
export function groupsAt(claims: unknown, way: readonly string[]): string[] {
  let at: unknown = claims;
  for (const name of way) at = typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined;
  return (Array.isArray(at) ? at as unknown[] : [at]).filter((one) => typeof one === 'string').slice(0, 1000);
}

export function openIssuer(oidc: Oidc, redirectUri: string, home: string): Issuer {
  const issuer = new URL(oidc.issuer);
  // What may go without TLS is decided by address, in boundedFetch.
  const execute = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [];
  let known: { server: client.ServerMetadata; at: number } | null = null;
  let asked: { answer: Promise<client.ServerMetadata>; at: number } | null = null;

  async function metadata(): Promise<client.ServerMetadata> {
    if (known && performance.now() - known.at < KEEP) return known.server;
    if (asked === null || performance.now() - asked.at > AFTER_FAILURE) {
      asked = { at: performance.now(), answer: client.discovery(issuer, oidc.clientId, undefined, client.None(), { timeout: SECONDS, [client.customFetch]: boundedFetch, execute }).then((found) => {
        known = { server: found.serverMetadata(), at: performance.now() };
        asked = null;
        return known.server;
      }) };
      asked.answer.catch(() => undefined);
    }
    return await asked.answer;
  }
  /** Made anew for every sign-in: its keys are then those of this moment, also when the issuer changed them a minute ago. */
  async function configuration(): Promise<client.Configuration> {
    const server = await metadata();
    const methods = server.token_endpoint_auth_methods_supported;
    const basic = methods === undefined || methods.includes('client_secret_basic');
    const made = new client.Configuration(server, oidc.clientId, undefined, basic ? client.ClientSecretBasic(oidc.clientSecret) : client.ClientSecretPost(oidc.clientSecret));
    made.timeout = SECONDS;
    made[client.customFetch] = boundedFetch;
    for (const one of execute) one(made);
    // Else the signature of a token that came straight from the issuer would not be looked at.
    client.enableNonRepudiationChecks(made);
    return made;
  }

  return {
    async begin() {
      const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
      const { acr } = oidc.secondFactor;
      const url = client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri, scope: oidc.scopes.join(' '), state, nonce, code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
        ...(acr.length > 0 ? { acr_values: acr.join(' ') } : {}),
      });
      return { url: url.href, state, nonce, verifier };
    },
    async finish(search, { state, nonce, verifier }) {
      const tokens = await client.authorizationCodeGrant(await configuration(), new URL(`${redirectUri}${search}`), { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true });
      const claims = tokens.claims();
      if (!claims) throw new Error('the issuer sent no identity');
      const { amr, acr } = oidc.secondFactor;
      const issuerFactor = groupsAt(claims, ['amr']).some((one) => amr.includes(one)) || groupsAt(claims, ['acr']).some((one) => acr.includes(one));
      return { subject: claims.sub, username: Object.hasOwn(claims, oidc.usernameClaim) ? claims[oidc.usernameClaim] : undefined, groups: groupsAt(claims, oidc.groupsClaim), issuerFactor };
    },
    endSession() {
      const at = known?.server.end_session_endpoint;
      if (at === undefined || !URL.canParse(at) || !isSafeAddress(new URL(at))) return null;
      const url = new URL(at);
      url.searchParams.set('client_id', oidc.clientId);
      url.searchParams.set('post_logout_redirect_uri', home);
      return url.href;
    },
  };
}

/** What went wrong, for the log: never a code, a token or a claim. */
export function tellOf(error: unknown): Record<string, string> {
  const told: Record<string, string> = {};
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 3; at = (at as { cause?: unknown }).cause, depth += 1) {
    for (const name of ['message', 'code', 'error', 'error_description'] as const) {
      const text = (at as Record<string, unknown>)[name];
      if (typeof text === 'string' && text !== '') told[depth === 0 ? name : `cause${depth}_${name}`] = text.slice(0, 300);
    }
  }
  return told;
}
/** Whether the issuer itself was not there, as opposed to having said something wrong. */
export const isAway = (error: unknown): boolean => (error instanceof Error && (error.name === 'TimeoutError' || error.message === 'fetch failed' || (error as { code?: string }).code === 'OAUTH_TIMEOUT' || isAway(error.cause)));

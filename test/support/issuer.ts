/**
 * A small issuer of OpenID Connect on 127.0.0.1: real RS256 signatures and JWKS, PKCE, client secret, codes that are good once.
 * A test can make it send what an issuer must not send, or be slow, or say too much.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWK } from 'jose';

export interface Person { sub: string; claims: Record<string, unknown> }
/** What is wrong with the next token. */
export interface Wrong { nonce?: string; audience?: string; issuer?: string; expired?: true; none?: true; foreignKey?: true; bytes?: number; slow?: number }
export interface TestIssuer {
  url: string; secret: string; wrong: Wrong; requests: string[];
  /** Signs the person in at the issuer, as a browser would; returns where it is sent back to. */
  visit(url: string, person: Person | null): Promise<URL>;
  /** New keys at once; the old are not published any more. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

export async function startIssuer({ clientId = 'toan-canh', codesTwice = false }: { clientId?: string; codesTwice?: boolean } = {}): Promise<TestIssuer> {
  const secret = `secret-${randomUUID()}`;
  const codes = new Map<string, { person: Person; challenge: string; redirectUri: string; nonce: string }>();
  const newKey = async () => { const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true }); const kid = randomUUID(); return { kid, privateKey, jwk: { ...await exportJWK(publicKey), kid, use: 'sig', alg: 'RS256' } as JWK }; };
  let key = await newKey();
  const server = createServer((request, response) => {
    void (async () => {
      const address = new URL(request.url ?? '/', issuer.url);
      issuer.requests.push(`${request.method} ${address.pathname}`);
      const { wrong } = issuer;
      const answer = (status: number, body: unknown) => { response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)); };
      if (address.pathname === '/.well-known/openid-configuration') { answer(200, { issuer: issuer.url, authorization_endpoint: `${issuer.url}/authorize`, token_endpoint: `${issuer.url}/token`, jwks_uri: `${issuer.url}/jwks`, end_session_endpoint: `${issuer.url}/logout`, response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'] }); return; }
      if (address.pathname === '/jwks') { answer(200, { keys: [key.jwk] }); return; }
      if (address.pathname !== '/token') { answer(404, {}); return; }
      let text = '';
      for await (const part of request) text += String(part);
      if (wrong.slow !== undefined) await new Promise((resolve) => { setTimeout(resolve, wrong.slow); });
      if (request.headers.authorization !== `Basic ${Buffer.from(`${encodeURIComponent(clientId).replaceAll('-', '%2D')}:${encodeURIComponent(secret).replaceAll('-', '%2D')}`).toString('base64')}`) { answer(401, { error: 'invalid_client' }); return; }
      const form = new URLSearchParams(text);
      const held = codes.get(form.get('code') ?? '');
      if (!codesTwice) codes.delete(form.get('code') ?? '');
      if (!held || held.redirectUri !== form.get('redirect_uri') || held.challenge !== createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url')) { answer(400, { error: 'invalid_grant' }); return; }
      const at = Math.floor(Date.now() / 1000) - (wrong.expired ? 7200 : 0);
      const claims = { ...held.person.claims, nonce: wrong.nonce ?? held.nonce, iss: wrong.issuer ?? issuer.url, aud: wrong.audience ?? clientId, sub: held.person.sub, iat: at, exp: at + 300 };
      const signer = wrong.foreignKey ? (await newKey()).privateKey : key.privateKey;
      const token = wrong.none ? new UnsecuredJWT(claims).encode() : await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(signer);
      answer(200, { access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token: token, ...(wrong.bytes === undefined ? {} : { filler: 'x'.repeat(wrong.bytes) }) });
    })().catch(() => { response.destroy(); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const issuer: TestIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret, wrong: {}, requests: [],
    async visit(url, person) {
      const asked = new URL(url).searchParams;
      const back = new URL(asked.get('redirect_uri') ?? '');
      if (asked.get('client_id') !== clientId || asked.get('response_type') !== 'code' || asked.get('code_challenge_method') !== 'S256') throw new Error(`not a request of the code flow with PKCE: ${url}`);
      back.searchParams.set('state', asked.get('state') ?? '');
      if (person === null) back.searchParams.set('error', 'access_denied');
      else {
        const code = randomUUID();
        codes.set(code, { person, challenge: asked.get('code_challenge') ?? '', redirectUri: asked.get('redirect_uri') ?? '', nonce: asked.get('nonce') ?? '' });
        back.searchParams.set('code', code);
      }
      return await Promise.resolve(back);
    },
    async rotate() { key = await newKey(); },
    async stop() { server.closeAllConnections(); await new Promise((resolve) => { server.close(resolve); }); },
  };
  return issuer;
}

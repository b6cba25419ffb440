/** A real centre on a real database in a folder of its own, with what tests ask of it. Not a mock. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { loadConfig } from '#config/load.ts';
import type { Config } from '#config/schema.ts';
import { fromRoot } from '#config/paths.ts';
import { startCentre, type Centre } from '#server/centre.ts';
import { ownDatabase } from './database.ts';

export const PASSWORD = 'test-password-2026';
export interface Answer<T = Record<string, unknown>> { status: number; body: T; headers: Headers }
export interface TestCentre extends Centre {
  dataDir: string;
  /** A call with the session of an account, or with none. */
  call<T = Record<string, unknown>>(method: string, path: string, options?: { as?: string | null; body?: unknown; headers?: Record<string, string> }): Promise<Answer<T>>;
  cookieOf(username: string): Promise<string>;
  createUser(username: string, roles: string[], unit: string): Promise<void>;
  keyFor(kinds: string[], units: string[]): Promise<string>;
  send(kind: string, events: unknown, key: string): Promise<Answer<{ accepted: number; duplicates: number; rejected: { index: number; eventId: string | null; code: string; message: string }[] }>>;
  /** Stopped, and begun anew on the same folder and database; at another port. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

/** For suites that ask more than a person does: what is refused for its number would hide what else is wrong. */
export function unlimited(config: Config): void {
  const free = { perSecond: 1_000_000, atOnce: 10_000_000 };
  config.centre.limits = { account: free, source: free };
}

/** On a new database of the server that TEST_DATABASE_URL names, else on an embedded one. */
export async function startTestCentre({ media = false, environment = {}, now = () => new Date(), change = () => undefined, logTo = 2 }: { /** A file for the log. */ logTo?: number | string; /** What is otherwise in this configuration. */ change?: (config: Config) => void; media?: boolean; environment?: Record<string, string>; now?: () => Date } = {}): Promise<TestCentre> {
  const own = await ownDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'toan-canh-centre-'));
  const config = loadConfig({ dir: fromRoot('config'), environment: { PORT: '0', DEMO: 'off', DATA_DIR: dataDir, ADMIN_PASSWORD: PASSWORD, LOG_LEVEL: process.env.TEST_LOG ?? 'silent', ...(own === null ? {} : { DATABASE_URL: own.url }), ...environment } });
  change(config);
  const begin = () => startCentre({ config, log: pino({ level: config.centre.logLevel }, pino.destination(logTo)), version: 'test', searchPath: process.env.PATH ?? '', runsFromSource: true, now, withMedia: media });
  const cookies = new Map<string, string>();
  let centre = await begin();
  const api = () => `${centre.url}/api/v1`;

  async function cookieOf(username: string): Promise<string> {
    let cookie = cookies.get(username);
    if (cookie === undefined) {
      const answer = await fetch(`${api()}/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username, password: PASSWORD }) });
      if (answer.status !== 200) throw new Error(`sign-in of ${username}: ${answer.status}`);
      cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
      cookies.set(username, cookie);
    }
    return cookie;
  }
  const test: TestCentre = {
    ...centre, dataDir, cookieOf,
    async call<T>(method: string, path: string, { as = 'admin', body, headers = {} }: { as?: string | null; body?: unknown; headers?: Record<string, string> } = {}) {
      const answer = await fetch(/^\/(api\b|healthz|readyz)/.test(path) ? `${centre.url}${path}` : `${api()}${path}`, {
        method, headers: { ...(as === null ? {} : { cookie: await cookieOf(as) }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' || body instanceof Uint8Array ? body as string : JSON.stringify(body) }),
      });
      const text = await answer.text();
      let parsed: unknown = text;
      try { parsed = JSON.parse(text); } catch { /* not JSON: the text itself */ }
      return { status: answer.status, body: parsed as T, headers: answer.headers };
    },
    async createUser(username, roles, unit) {
      const made = await test.call('POST', '/users', { body: { username, password: PASSWORD, roles, unit } });
      if (made.status !== 201) throw new Error(`create ${username}: ${made.status} ${JSON.stringify(made.body)}`);
    },
    async keyFor(kinds, units) {
      const made = await test.call<{ key: string }>('POST', '/ingest-keys', { body: { name: 'test', kinds, units } });
      if (made.status !== 201) throw new Error(`key: ${made.status}`);
      return made.body.key;
    },
    async send(kind, events, key) { return await test.call('POST', `/ingest/${kind}`, { as: null, body: events, headers: { authorization: `Bearer ${key}` } }); },
    async restart() { await centre.stop(); centre = await begin(); Object.assign(test, centre); },
    async end() { await centre.stop(); await own?.drop(); rmSync(dataDir, { recursive: true, force: true }); },
  };
  return test;
}

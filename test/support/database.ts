/** A database of its own for each test: on the server of TEST_DATABASE_URL, or on an embedded one. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '#server/database/embedded.ts';

export interface TestDatabase { url: string; drop(): Promise<void> }
export interface TestServer { create(): Promise<TestDatabase>; stop(): Promise<void> }
/** The server that the caller has chosen, if any. */
export const TEST_SERVER = process.env.TEST_DATABASE_URL || null;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Runs statements on a connection of their own. */
export async function on<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try { return await work(client); } finally { await client.end(); }
}

async function createOn(serverUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await on(serverUrl, (client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  // FORCE: a connection that is just closing, or TimescaleDB's own worker, may still be there.
  return { url: url.href, async drop() { await on(serverUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)); } };
}

/** A new database where TEST_DATABASE_URL names a server; null where the centre brings its own. */
export async function ownDatabase(): Promise<TestDatabase | null> {
  return TEST_SERVER === null ? null : await createOn(TEST_SERVER);
}

/** For tests of the database alone, without a centre. */
export async function openTestServer(): Promise<TestServer> {
  const server = TEST_SERVER;
  if (server !== null) return { create: async () => await createOn(server), stop: async () => undefined };
  const dataDir = mkdtempSync(join(tmpdir(), 'toan-canh-database-'));
  const embedded = await startEmbedded({ dataDir, searchPath: process.env.PATH ?? '', log: SILENT });
  return { create: async () => await createOn(embedded.url), async stop() { await embedded.stop(); rmSync(dataDir, { recursive: true, force: true }); } };
}

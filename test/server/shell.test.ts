/** What an administrator does to access from a shell, beside a running centre; anchors outside; what expensive requests cost. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { anchorAudit } from '#server/audit/anchor.ts';
import { PASSWORD, startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let place: Server;
const brought: string[] = [];
let status = 200;
beforeAll(async () => {
  centre = await startTestCentre({ change: (config) => { config.centre.limits.account = { perSecond: 0.1, atOnce: 200 }; } });
  place = createServer((request, response) => { let text = ''; request.on('data', (part) => { text += String(part); }).on('end', () => { brought.push(`${request.method} ${text}`); response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end(); }); });
  await new Promise<void>((resolve) => { place.listen(0, '127.0.0.1', resolve); });
});
afterAll(async () => { await centre?.end(); place?.close(); });

async function admin(...args: string[]): Promise<{ code: number | null; said: string; erred: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', fromRoot('server/commands/admin.ts'), ...args], { cwd: fromRoot(), env: { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: centre.databaseUrl, DATA_DIR: centre.dataDir }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  let [said, erred] = ['', ''];
  child.stdout.on('data', (part) => { said += String(part); });
  child.stderr.on('data', (part) => { erred += String(part); });
  const code = await new Promise<number | null>((resolve) => { child.once('close', resolve); });
  return { code, said, erred };
}
const signIn = async (username: string, password: string) => { const answer = await centre.call<{ code?: string; roles?: string[] }>('POST', '/session', { as: null, body: { username, password } }); return { ...answer, cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' }; };
const logged = async (action: string) => (await centre.database.query<{ actor: string; subject: string; purpose: string | null }>('SELECT actor, subject, purpose FROM audit_log WHERE action = $1', [action])).rows;

it('break-glass opens an account that all administrators are told of, that is in the log with its reason, and that ends', async () => {
  expect(await admin('break-glass', '--reason', 'Quản trị viên nghỉ ốm', '--hours', '90')).toMatchObject({ code: 1, erred: expect.stringContaining('--hours') });
  const { code, said } = await admin('break-glass', '--reason', 'Quản trị viên nghỉ ốm', '--hours', '1');
  const [, name = '', password = '', until = ''] = /^(break-glass-\S+) {2}(\S+)\nuntil (\S+)$/m.exec(said) ?? [];
  expect([code, Date.parse(until) - Date.now() > 3_500_000]).toEqual([0, true]);
  const opened = await signIn(name, password);
  expect([opened.status, opened.body.roles?.includes('admin')]).toEqual([200, true]);
  expect((await centre.call('GET', '/session')).body.breakGlass).toEqual([expect.objectContaining({ username: name, reason: 'Quản trị viên nghỉ ốm' })]);
  expect(await logged('break-glass.open')).toEqual([{ actor: 'shell', subject: name, purpose: 'Quản trị viên nghỉ ốm' }]);
  await centre.database.query("UPDATE users SET ends_at = now() - interval '1 second' WHERE username = $1", [name]);
  expect([(await centre.call('GET', '/session', { as: null, headers: { cookie: opened.cookie } })).status, (await signIn(name, password)).status]).toEqual([401, 401]);
}, 120_000);

it('reset-second-factor and set-password end the sessions, and are in the log; of accounts of an issuer there is no password', async () => {
  await centre.createUser('thanh', ['inspector'], '26068');
  const { cookie } = await signIn('thanh', PASSWORD);
  expect(await admin('reset-second-factor', 'thanh')).toMatchObject({ code: 1, erred: expect.stringContaining('has no second factor') });
  await centre.database.query("UPDATE users SET factor_since = now(), factor_sealed = 'x' WHERE username = 'thanh'");
  expect((await signIn('thanh', PASSWORD)).body.code).toBe('second_factor_required');
  expect(await admin('reset-second-factor', 'thanh')).toMatchObject({ code: 0, said: 'done\n' });
  expect((await centre.call('GET', '/session', { as: null, headers: { cookie } })).status).toBe(401);
  expect(await logged('second-factor.reset')).toEqual([{ actor: 'shell', subject: 'thanh', purpose: null }]);
  expect((await signIn('thanh', PASSWORD)).status).toBe(200);
  await centre.database.query("UPDATE users SET oidc_issuer = 'https://x', oidc_subject = 'y', password_hash = NULL WHERE username = 'thanh'");
  expect(await admin('set-password', 'thanh')).toMatchObject({ code: 1, said: '' });
  expect((await centre.database.query("SELECT password_hash FROM users WHERE username = 'thanh'")).rows[0]?.password_hash).toBeNull();
}, 120_000);

it('anchors go to an address and to a command, the same line as in the folder; where either fails it is an error, and the line in the folder stays', async () => {
  const address = `http://127.0.0.1:${(place.address() as AddressInfo).port}/anchor`;
  const copy = join(centre.dataDir, 'copy.txt');
  const command = [process.execPath, '-e', `process.stdin.pipe(require('fs').createWriteStream(${JSON.stringify(copy)}))`];
  const lines = () => readFileSync(join(centre.dataDir, 'anchors', 'audit.log'), 'utf8').trim().split('\n');
  await anchorAudit(centre.database, centre.dataDir, { command, url: address }, new Date());
  const last = `${lines().at(-1)}\n`;
  expect([brought.at(-1), readFileSync(copy, 'utf8')]).toEqual([`POST ${last}`, last]);
  expect(last).toMatch(/^\S+ \d+ [0-9a-f]{64}\n$/);
  for (const wrong of [500, 302]) {
    status = wrong;
    const before = lines().length;
    await expect(anchorAudit(centre.database, centre.dataDir, { command: null, url: address }, new Date())).rejects.toThrow();
    expect(lines().length).toBe(before + 1);
  }
  expect(brought.some((one) => one.includes('elsewhere'))).toBe(false);
  await expect(anchorAudit(centre.database, centre.dataDir, { command: [process.execPath, '-e', 'process.exit(3)'], url: null }, new Date())).rejects.toThrow('command for anchors');
}, 90_000);

it('what is expensive costs more than one: clips, scores, lists behind figures, trials of cameras', async () => {
  const costs = Object.fromEntries(centre.routes.filter((route) => (route.cost ?? 1) > 1).map((route) => [`${route.method} ${route.path}`, route.cost]));
  for (const route of ['post /clips', 'get /scores', 'get /kpis/:name/explain', 'get /indicators/values', 'get /viewings.csv', 'post /cameras/test', 'post /cameras/discover', 'post /imports/preview']) expect([route, costs[route] ?? 1]).toEqual([route, expect.toSatisfy((cost: number) => cost > 1 && cost <= 20)]);
  await centre.createUser('asker', ['leader'], '75');
  const answers = [];
  for (let i = 0; i < 25; i += 1) answers.push((await centre.call('GET', '/scores?unit=26068&period=2026-01', { as: 'asker' })).status);
  // Of 200 units twenty fit.
  expect([answers.filter((one) => one !== 429).length, answers.at(-1)]).toEqual([expect.toSatisfy((n: number) => n >= 19 && n <= 21), 429]);
}, 60_000);

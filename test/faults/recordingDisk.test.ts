/** A recording disk that is not there, another node's, or read-only, under a running media node with a simulated camera. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { judgeDisk } from '#streams/recorder/disk.ts';
import { assignment, startFakeCentre, type FakeCentre } from '../support/fakeCentre.ts';
import { startMediaNode, type RunningNode } from '../support/mediaNode.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('skipped: a recording disk needs ffmpeg on the PATH to record on it');

describe('the disk of recordings', () => {
  it('is told from no disk, another disk, another node\'s and a torn marker; nothing is written to those', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'disk-'));
    const root = join(dataDir, 'recordings', 'local');
    const place = { root, node: 'local', identity: join(dataDir, 'recordings-local.json') };
    expect([await judgeDisk(place), await judgeDisk(place)]).toEqual(['ready', 'ready']);
    renameSync(root, `${root}-away`);
    expect([await judgeDisk(place), existsSync(root)]).toEqual(['away', false]);
    mkdirSync(root);
    expect([await judgeDisk(place), readdirSync(root)]).toEqual(['away', []]);
    for (const marker of ['{"node":"other","disk":"x"}', '{"node":"local","disk":"x"}', '{']) {
      writeFileSync(join(root, 'node.json'), marker);
      expect([marker, await judgeDisk(place), readdirSync(root)]).toEqual([marker, 'foreign', ['node.json']]);
    }
    rmSync(root, { recursive: true });
    renameSync(`${root}-away`, root);
    expect(await judgeDisk(place)).toBe('ready');
    // A machine that was set up anew takes its own disk over.
    rmSync(place.identity);
    expect(await judgeDisk(place)).toBe('ready');
    rmSync(dataDir, { recursive: true, force: true });
  });
});

describe.skipIf(!hasFfmpeg)('a node whose recording disk', () => {
  let centre: FakeCentre | null = null;
  let node: RunningNode | null = null;
  let dataDir = '';
  afterEach(async () => { await node?.stop(); await centre?.stop(); rmSync(dataDir, { recursive: true, force: true }); });
  const root = () => join(dataDir, 'recordings', 'local');
  async function until(what: string, ms: number, ask: () => boolean): Promise<void> {
    for (const end = performance.now() + ms; !ask();) { if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}; ${node?.log().slice(-5).join('\n')}`); await new Promise((resolve) => { setTimeout(resolve, 100); }); }
  }
  const recording = () => centre?.camera('drawn')?.recording === true && centre.report?.storage?.state === 'ready';
  async function begin(): Promise<void> {
    centre = await startFakeCentre();
    centre.orders.cameras = [assignment('drawn', { simulated: { scene: 'counter', label: 'x', seed: 3 } })];
    node = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir });
  }

  it('goes away while it records goes on with live pictures, writes nothing in its place, and records again within ten seconds', async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'disk-'));
    await begin();
    await until('recording', 60_000, recording);
    renameSync(root(), `${root()}-away`);
    mkdirSync(root());
    await until('said', 10_000, () => centre?.report?.storage?.state === 'away' && centre.camera('drawn')?.recording === false);
    await until('still online', 15_000, () => centre?.camera('drawn')?.state === 'online');
    expect([node?.child.exitCode, readdirSync(root())]).toEqual([null, []]);
    rmSync(root(), { recursive: true });
    renameSync(`${root()}-away`, root());
    const back = performance.now();
    await until('recording again', 10_000, recording);
    expect(performance.now() - back).toBeLessThan(10_000);
    await until('the journal says why', 10_000, () => centre?.journal.some((entry) => entry.type === 'state' && entry.gap === 'disk_away') === true);
    // What was recorded before is listed, and nothing of it counts as deleted.
    expect(centre?.journal.some((entry) => entry.type === 'deleted' && entry.reason !== 'torn')).toBe(false);
  }, 120_000);

  it('is replaced goes on with an empty one when an administrator has accepted it, and with no other', async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'disk-'));
    await begin();
    await until('recording', 60_000, recording);
    const accept = async () => { const answer = await fetch(`${centre?.report?.gateway ?? ''}/disk`, { method: 'POST', headers: { authorization: `Bearer ${centre?.secret ?? ''}`, 'content-type': 'application/json' }, body: JSON.stringify({ journalUpTo: centre?.orders.journalUpTo }) }); return [answer.status, (await answer.json() as { code?: string }).code]; };
    expect(await accept()).toEqual([409, 'disk_in_use']);
    renameSync(root(), `${root()}-broken`);
    await until('said', 10_000, () => centre?.report?.storage?.state === 'away');
    expect(await accept()).toEqual([409, 'disk_not_there']);
    mkdirSync(root());
    writeFileSync(join(root(), 'somebody.txt'), 'x');
    expect([await accept(), readdirSync(root())]).toEqual([[409, 'disk_not_empty'], ['somebody.txt']]);
    rmSync(join(root(), 'somebody.txt'));
    const before = centre?.journal.at(-1)?.seq ?? 0;
    expect(before).toBeGreaterThan(1);
    expect(await accept()).toEqual([200, undefined]);
    await until('recording on it', 30_000, () => recording() && existsSync(join(root(), 'drawn')));
    // Its journal goes on where the centre stands: nothing of it is taken for what was told already.
    await until('told', 20_000, () => (centre?.journal.at(-1)?.seq ?? 0) > before);
    expect(readdirSync(root()).find((name) => name.startsWith('journal-'))).toBe(`journal-${String(before + 1).padStart(12, '0')}.ndjson`);
    await node?.stop();
    node = startMediaNode({ centreUrl: centre?.url ?? '', secret: centre?.secret ?? '', dataDir });
    await until('after a restart', 60_000, recording);
    // The old one is now another disk.
    await node.stop();
    renameSync(root(), `${root()}-new`);
    renameSync(`${root()}-broken`, root());
    expect(await judgeDisk({ root: root(), node: 'local', identity: join(dataDir, 'recordings-local.json') })).toBe('foreign');
  }, 200_000);

  it('is another node\'s at the start records nothing and says so, and begins when its own is there', async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'disk-'));
    mkdirSync(root(), { recursive: true });
    writeFileSync(join(root(), 'node.json'), '{"node":"other","disk":"x"}');
    await begin();
    await until('said', 60_000, () => centre?.report?.storage?.state === 'foreign' && centre.camera('drawn')?.state === 'online');
    expect([centre?.camera('drawn')?.recording, readdirSync(root()), centre?.journal]).toEqual([false, ['node.json'], []]);
    rmSync(root(), { recursive: true });
    await until('recording', 25_000, recording);
  }, 120_000);
});

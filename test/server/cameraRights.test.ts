/** Whose a camera's recordings and password are: an id belongs to one unit, a password to one host. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
beforeAll(async () => {
  centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
  await centre.createUser('desk-admin', ['admin', 'inspector'], '26068');
  await centre.createUser('other-admin', ['admin', 'inspector'], '25993');
});
afterAll(async () => { await centre?.end(); });

const url = 'rtsp://127.0.0.1:9/x';
const create = (id: string | undefined, unit: string, as = 'admin', more: object = {}) => centre.call<{ id: string; code?: string }>('POST', '/cameras', { as, body: { ...(id === undefined ? {} : { id }), unit, name: 'x', position: 'counter', url, enabled: false, ...more } });
const patch = (id: string, body: object, as = 'admin') => centre.call<{ code?: string; hasPassword?: boolean }>('PATCH', `/cameras/${id}`, { as, body });
const recorded = async (id: string) => { await centre.database.query("INSERT INTO segments (camera, starts, ends, node, file, bytes, sha256) VALUES ($1, now() - interval '10 minutes', now() - interval '9 minutes', 'local', 'a.mp4', 1, 'x')", [id]); };
const spans = async (id: string, as: string) => (await centre.call<{ spans?: unknown[] }>('GET', `/cameras/${id}/recordings?from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date().toISOString()}`, { as })).body.spans ?? [];

describe('a camera id', () => {
  it('is not given to another unit after the camera is gone: what was recorded stays its own', async () => {
    await create('shared', '25993');
    await recorded('shared');
    expect(await spans('shared', 'other-admin')).toHaveLength(1);
    expect((await centre.call('DELETE', '/cameras/shared')).status).toBe(204);
    // Of the root, who sees both, it is refused; below it the id lies in the unit's own name space.
    expect((await create('shared', '26068')).body.code).toBe('conflict');
    const made = await create('shared', '26068', 'desk-admin');
    expect([made.status, made.body.id]).toEqual([201, '26068-shared']);
    expect(await spans('shared', 'desk-admin')).toEqual([]);
    expect(await spans('26068-shared', 'desk-admin')).toEqual([]);
    // The unit itself gets its own again.
    expect((await create('shared', '25993')).status).toBe(201);
    expect(await spans('shared', 'other-admin')).toHaveLength(1);
  });
  it('does not tell whether another unit has it', async () => {
    await create('taken', '25993');
    expect((await create('taken', '26068', 'desk-admin')).status).toBe((await create('free', '26068', 'desk-admin')).status);
  });
  it('goes to another unit only before anything was recorded', async () => {
    await create('moving', '25993');
    expect((await patch('moving', { unit: '26068' })).status).toBe(200);
    await recorded('moving');
    expect([(await patch('moving', { unit: '25993' })).body.code, (await patch('moving', { unit: '26068', name: 'y' })).status]).toEqual(['camera_unit_fixed', 200]);
    await create('running', '25993', 'admin', { enabled: true });
    expect((await patch('running', { unit: '26068' })).body.code).toBe('camera_unit_fixed');
  });
});

describe('a stored password', () => {
  it('goes to no other host and with no other user', async () => {
    await create('sealed', '26068', 'admin', { username: 'u', password: 'secret-1' });
    for (const body of [{ url: 'rtsp://127.0.0.2:9/x' }, { url: 'rtsp://127.0.0.1:10/x' }, { subUrl: 'rtsp://127.0.0.3:9/x' }, { username: 'v' }]) expect([body, (await patch('sealed', body)).body.code]).toEqual([body, 'camera_password_again']);
    expect((await patch('sealed', { url: 'rtsp://127.0.0.1:9/other', subUrl: 'rtsp://127.0.0.1:9/sub' })).status).toBe(200);
    expect((await patch('sealed', { url: 'rtsp://127.0.0.2:9/x', password: null })).body.hasPassword).toBe(false);
    expect((await patch('sealed', { url: 'rtsp://127.0.0.3:9/x' })).status).toBe(200);
  });
});

it('the audit log files what happens to a camera under the camera\'s unit', async () => {
  await create('filed', '26068');
  await patch('filed', { name: 'renamed' });
  await centre.call('DELETE', '/cameras/filed');
  const { entries } = (await centre.call<{ entries: { action: string; unit: string }[] }>('GET', '/audit?subject=filed', { as: 'desk-admin' })).body;
  expect(entries.map((entry) => [entry.action, entry.unit])).toEqual([['camera.delete', '26068'], ['camera.change', '26068'], ['camera.create', '26068']]);
});

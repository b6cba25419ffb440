/** The line of a desk: what is lent out of it, what still fits, and who may say how much. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASSUMED, openLeases } from '#server/cameras/leases.ts';
import type { NodeState } from '#server/cameras/nodes.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

function line(place: 'centre' | 'desk') {
  const state = { now: 0, viewers: [] as string[], rate: 1500 as number | null };
  const leases = openLeases({ place, now: () => state.now, nodes: { of: () => ({ report: { viewers: state.viewers } }) as unknown as NodeState, cameraState: () => ({ bitrateKbps: state.rate }) as never } });
  let tickets = 0;
  const watch = (camera: string, quality: 'main' | 'sub', cap: number | null = 4000, unit = 'u') => {
    const wanted = { node: 'local', camera, unit, quality };
    leases.admit(wanted, cap);
    const ticket = `t${tickets += 1}`;
    leases.keep({ ...wanted, ticket });
    return ticket;
  };
  return { state, leases, watch };
}

describe('the line of a desk', () => {
  it('carries large pictures up to its limit, and the small ones always', () => {
    const { leases, watch, state } = line('desk');
    watch('a', 'main');
    watch('b', 'main');
    expect(leases.line('u')).toEqual({ loadKbps: 3000, leases: 2, assumed: false });
    expect(() => watch('c', 'main')).toThrow(expect.objectContaining({ code: 'uplink_full', data: expect.objectContaining({ neededKbps: 1500, freeKbps: 1000, capKbps: 4000 }) as object }));
    watch('c', 'sub');
    expect(leases.line('u').loadKbps).toBe(3000 + ASSUMED.sub);
    // Another desk has its own line; one without a limit takes all.
    watch('d', 'main', 4000, 'other');
    watch('c', 'main', null);
    state.rate = null;
    expect(leases.line('other')).toEqual({ loadKbps: ASSUMED.main, leases: 1, assumed: true });
  });
  it('is free again when the viewer has gone, or never came', () => {
    const { leases, watch, state } = line('desk');
    const [a] = [watch('a', 'main'), watch('b', 'main')];
    state.viewers = [a];
    state.now = 10_001;
    expect(leases.line('u').leases).toBe(1);
    watch('c', 'main');
    state.viewers = [];
    state.now = 30_000;
    expect(leases.line('u')).toEqual({ loadKbps: 0, leases: 0, assumed: false });
  });
  it('refuses nobody where the node stands at the centre: the main stream is there anyway', () => {
    const { watch } = line('centre');
    for (let i = 0; i < 20; i += 1) watch('a', 'main');
  });
});

describe('the limit of a unit', () => {
  let centre: TestCentre;
  beforeAll(async () => {
    centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
    await centre.createUser('desk', ['leader'], '26068');
    await centre.createUser('desk-admin', ['admin'], '26068');
  });
  afterAll(async () => { await centre?.end(); });
  it('is set by its administrators, seen by its people, and written down', async () => {
    expect((await centre.call('GET', '/uplinks/26068', { as: 'desk' })).body).toMatchObject({ unit: '26068', kbps: null, own: false, loadKbps: 0, leases: 0 });
    expect((await centre.call('PATCH', '/uplinks/26068', { as: 'desk', body: { kbps: 4000 } })).status).toBe(403);
    expect((await centre.call('PATCH', '/uplinks/26068', { as: 'desk-admin', body: { kbps: 4000 } })).body).toMatchObject({ kbps: 4000, own: true });
    expect((await centre.call('PATCH', '/uplinks/25993', { as: 'desk-admin', body: { kbps: 4000 } })).status).toBe(404);
    for (const kbps of [0, -1, 1.5, '4000', 1e9]) expect((await centre.call('PATCH', '/uplinks/26068', { body: { kbps } })).status).toBe(400);
    expect((await centre.call<{ entries: { action: string; detail: unknown }[] }>('GET', '/audit?subject=26068')).body.entries[0]).toMatchObject({ action: 'uplink.change', detail: { kbps: 4000 } });
    expect((await centre.call('PATCH', '/uplinks/26068', { body: { kbps: null } })).body).toMatchObject({ kbps: null, own: false });
    expect((await centre.call('GET', '/cameras/nothing/snapshot')).status).toBe(404);
  });
});

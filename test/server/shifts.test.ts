/** The shift log on a real centre: who is in, what is written, what comes by itself, and how it passes from one to the next. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShiftAnswer, ShiftDesk, ShiftRow } from '#contract/shift.ts';
import type { ViewingRow } from '#contract/viewing.ts';
import { dropPastSnapshots, takeSnapshot } from '#server/shifts/snapshots.ts';
import { openShifts } from '#server/shifts/shifts.ts';
import { readCamera } from '#server/cameras/cameraRows.ts';
import type { Units } from '#server/units/tree.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let at = 0;
const minutes = (n: number) => { at += n * 60_000; };
beforeAll(async () => {
  centre = await startTestCentre({ now: () => new Date(Date.now() + at), environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
  for (const name of ['lan', 'minh', 'hoa']) await centre.createUser(name, ['operator'], '731');
  await centre.createUser('of-740', ['operator'], '740');
  await centre.createUser('leader', ['leader'], '731');
  await centre.call('POST', '/cameras', { body: { id: 'cam-a', unit: '26068', name: 'Quầy 1', position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false } });
});
afterAll(async () => { await centre?.end(); });

const go = async (as: string, unit = '731') => await centre.call<ShiftAnswer & { code?: string }>('POST', '/shifts', { as, body: { unit } });
const post = async <T = { id: string; code?: string }>(as: string, path: string, body: unknown = {}) => await centre.call<T>('POST', path, { as, body });
const read = async (id: string, as = 'lan') => (await centre.call<ShiftAnswer>('GET', `/shifts/${id}`, { as })).body;
const alert = async (unit: string, subject: string, openedAt = new Date(Date.now() + at)) => String((await centre.database.query<{ id: number }>("INSERT INTO alerts (rule, severity, state, unit, subject, moment, opened_at, condition_ended_at) VALUES ('queue_long', 'critical', 'open', $1, $2, $3, $3, $3) RETURNING id", [unit, subject, openedAt])).rows[0]?.id);

describe('a shift', () => {
  it('of one desk is opened once, also by two at the same moment, and several are in it', async () => {
    const both = await Promise.all([go('lan'), go('minh')]);
    expect(both.map((answer) => answer.status)).toEqual([201, 201]);
    expect(both[0]?.body.id).toBe(both[1]?.body.id);
    const { people, how } = await read(both[0]?.body.id ?? '');
    expect([people.map((one) => one.username).sort(), how]).toEqual([['lan', 'minh'], 'opened']);
    // Going in a second time changes nothing.
    expect((await go('lan')).body.people).toHaveLength(2);
    expect((await go('of-740')).status).toBe(404);
    expect((await post('leader', '/shifts', { unit: '731' })).status).toBe(403);
    expect((await centre.call<{ shifts: ShiftRow[] }>('GET', '/shifts', { as: 'of-740' })).body.shifts).toEqual([]);
  });

  it('takes entries about things that all its readers see, from those who are in it', async () => {
    const { body: { id } } = await go('lan');
    const one = await alert('26068', 'queue-1');
    const made = await post('lan', `/shifts/${id}/entries`, { text: '=HYPERLINK("x") <img src=x onerror=alert(1)>', alert: one, ticket: 'A017' });
    expect(made.status).toBe(201);
    for (const about of [{ unit: '740' }, { unit: '75' }, { camera: 'nothing' }, { dossier: 'no-such' }, { alert: '999999' }]) expect([about, (await post('lan', `/shifts/${id}/entries`, { text: 'x', ...about })).status]).toEqual([about, 404]);
    expect((await post('hoa', `/shifts/${id}/entries`, { text: 'x' })).body.code).toBe('not_in_shift');
    expect((await post('lan', `/shifts/${id}/entries`, { text: ' ' })).status).toBe(400);
    expect((await post('lan', `/shifts/${id}/entries`, { text: 'x'.repeat(2001) })).status).toBe(400);
    const [line] = (await read(id)).lines;
    expect(line).toMatchObject({ kind: 'entry', by: 'lan', alert: one, rule: 'queue_long', unit: '26068', ticket: 'A017' });
  });

  it('corrects by a new entry; the old one stays as it was, in the database too', async () => {
    const { body: { id } } = await go('lan');
    const first = (await post('lan', `/shifts/${id}/entries`, { text: 'gọi lúc 8 giờ' })).body.id;
    const second = (await post('minh', `/shifts/${id}/entries`, { text: 'gọi lúc 9 giờ', corrects: first })).body.id;
    const lines = (await read(id)).lines;
    expect(lines.find((one) => one.id === first)).toMatchObject({ text: 'gọi lúc 8 giờ', correctedBy: second });
    expect(lines.find((one) => one.id === second)).toMatchObject({ corrects: first });
    for (const change of ["UPDATE shift_entries SET text = 'x'", 'DELETE FROM shift_entries', 'TRUNCATE shift_entries']) await expect(centre.database.query(change)).rejects.toThrow(/only added to/);
    expect((await post('lan', `/shifts/${id}/entries`, { text: 'x', corrects: '999999' })).status).toBe(404);
  });

  it('has what was done on alerts and screens by itself, each once, and none of a sibling', async () => {
    const { body: { id } } = await go('lan');
    const mine = await alert('26068', 'queue-2');
    const theirs = await alert('740', 'queue-3');
    await post('minh', `/alerts/${mine}/acknowledge`, { note: 'đã gọi bộ phận' });
    await post('minh', `/alerts/${mine}/assign`, { assignee: 'lan' });
    await post('lan', `/alerts/${mine}/resolve`, {});
    await post('admin', `/alerts/${theirs}/acknowledge`, {});
    const begun = (await centre.call<{ code: string }>('POST', '/screens/pairing', { as: null })).body;
    const screen = (await post('lan', '/screens', { code: begun.code, name: 'Sảnh', unit: '731' })).body.id;
    await post('lan', `/screens/${screen}/show`, { alert: mine, holdSeconds: 60 });
    const lines = (await read(id)).lines.filter((line) => line.alert === mine || line.alert === theirs);
    expect(lines.map((line) => [line.kind, line.action, line.by]).reverse()).toEqual([['alert', 'acknowledge', 'minh'], ['alert', 'assign', 'minh'], ['alert', 'resolve', 'lan'], ['screen', 'show', 'lan']]);
    expect(lines.find((line) => line.kind === 'screen')?.screen).toBe('Sảnh');
    // Nothing of it was written a second time.
    expect((await centre.database.query<{ n: number }>('SELECT count(*) AS n FROM shift_entries WHERE alert = $1', [mine])).rows[0]?.n).toBe(0);
  });

  it('as CSV has no formulas', async () => {
    const { body: { id } } = await go('lan');
    const csv = String((await centre.call('GET', `/shifts/${id}/log.csv`, { as: 'leader' })).body);
    expect(csv).toContain(`"'=HYPERLINK(""x"") <img`);
    expect(csv.split('\r\n').some((line) => line.split(',').some((cell) => /^"?[=+@]/.test(cell)))).toBe(false);
  });
});

describe('the handover', () => {
  it('is written by one and signed by another; the next shift has the list of the night', async () => {
    const { body: { id } } = await go('lan');
    expect((await post('hoa', `/shifts/${id}/sign`, { handover: '1' })).body.code).toBe('no_handover');
    const open = await alert('26068', 'queue-4');
    const given = await alert('26068', 'queue-5');
    await post('lan', `/alerts/${given}/assign`, { assignee: 'minh' });
    const written = await post<ShiftRow>('lan', `/shifts/${id}/handover`, { points: 'Theo dõi hàng chờ Tân Phong' });
    expect(written.body.handover).toMatchObject({ by: 'lan', points: 'Theo dõi hàng chờ Tân Phong' });
    const { handovers: [first] } = await read(id);
    expect([first?.overview.open.rows.map((one) => one.id).includes(open), first?.overview.unanswered.rows.map((one) => one.id)]).toEqual([true, [given]]);
    // Who comes now signs first.
    expect((await go('hoa')).body.code).toBe('shift_handed_over');
    const anew = (await post<ShiftRow>('minh', `/shifts/${id}/handover`, { points: 'Thêm: camera quầy 1' })).body.handover;
    minutes(30);
    const night = await alert('26068', 'queue-night');
    await alert('740', 'queue-elsewhere');
    const desk = (await centre.call<ShiftDesk>('GET', '/shifts/desk?unit=731', { as: 'hoa' })).body;
    expect([desk.current?.id, desk.overview.from, desk.overview.opened.rows.map((one) => one.id)]).toEqual([id, anew?.at, [night]]);
    expect(desk.overview.byRule).toEqual([{ rule: 'queue_long', opened: 1 }]);
    const handover = written.body.handover?.id ?? '';
    expect((await post('minh', `/shifts/${id}/sign`, { handover: anew?.id })).body.code).toBe('own_handover');
    expect((await post('hoa', `/shifts/${id}/sign`, { handover })).body.code).toBe('changed_meanwhile');
    const signed = await Promise.all([post<ShiftAnswer & { code?: string }>('hoa', `/shifts/${id}/sign`, { handover: anew?.id }), post<ShiftAnswer & { code?: string }>('hoa', `/shifts/${id}/sign`, { handover: anew?.id })]);
    expect(signed.map((answer) => answer.status).sort()).toEqual([200, 409]);
    const next = signed.find((answer) => answer.status === 200)?.body;
    expect(next).toMatchObject({ how: 'signed', previous: id, openedBy: 'hoa' });
    expect(next?.arrival?.opened.rows.map((one) => one.id)).toEqual([night]);
    const before = await read(id);
    expect([before.closedBy, before.handover?.by, before.people.every((one) => one.leftAt !== null), before.handovers.length]).toEqual(['hoa', 'minh', true, 2]);
    expect((await post('lan', `/shifts/${id}/entries`, { text: 'x' })).body.code).toBe('shift_closed');
    await expect(centre.database.query("UPDATE shift_handovers SET points = ''")).rejects.toThrow(/only added to/);
    const audited = await centre.database.query<{ actor: string }>("SELECT actor FROM audit_log WHERE action = 'shift.sign' AND subject = $1", [id]);
    expect(audited.rows).toEqual([{ actor: 'hoa' }]);
  });

  it('where nobody wrote one the shift is taken over with a reason; the last one in it does not just leave', async () => {
    const { body: { id } } = await go('hoa');
    expect((await post('hoa', `/shifts/${id}/leave`)).body.code).toBe('no_handover');
    expect((await post('minh', `/shifts/${id}/take-over`, {})).status).toBe(400);
    const next = (await post<ShiftAnswer>('minh', `/shifts/${id}/take-over`, { reason: 'Người trực trước nghỉ ốm' })).body;
    expect([next.how, next.previous, (await read(id)).reason]).toEqual(['taken_over', id, 'Người trực trước nghỉ ốm']);
    await go('lan');
    expect((await post<ShiftRow>('minh', `/shifts/${next.id}/leave`)).body.people.find((one) => one.username === 'minh')?.leftAt).not.toBeNull();
  });
});

describe('a picture in the log', () => {
  let node: Server;
  let picture = Buffer.from('a picture');
  beforeAll(async () => {
    node = createServer((_request, response) => { response.writeHead(200, { 'content-type': 'image/jpeg', 'picture-at': '2026-01-05T08:12:00.000Z' }).end(picture); });
    await new Promise<void>((resolve) => { node.listen(0, '127.0.0.1', resolve); });
  });
  afterAll(() => { node?.close(); });

  it('is what the node holds, with hash and purpose, audited, bounded, and gone after its time', async () => {
    const { body: { id } } = await go('lan');
    // No node has said that it is there.
    expect((await post('lan', `/shifts/${id}/snapshots`, { camera: 'cam-a', purpose: 'quầy vắng người' })).body.code).toBe('node_away');
    expect((await post('lan', `/shifts/${id}/snapshots`, { camera: 'cam-a', purpose: 'x' })).status).toBe(400);
    const camera = await readCamera(centre.database, 'cam-a');
    if (!camera) throw new Error('no camera');
    const clock = () => new Date(Date.now() + at);
    const units = { nameOf: (code: string) => code } as unknown as Units;
    const parts = { nodes: { of: () => ({ gateway: `http://127.0.0.1:${(node.address() as AddressInfo).port}`, secret: 'x' }) } as never, shifts: openShifts({ database: centre.database, units, now: clock }), rules: { snapshotDays: 90, snapshotKilobytes: 16, snapshotsPerShift: 2 }, now: clock };
    await takeSnapshot(parts, id, camera, 'lan', 'quầy vắng người');
    const line = (await read(id)).lines.find((one) => one.kind === 'snapshot');
    const sha256 = createHash('sha256').update('a picture').digest('hex');
    expect(line).toMatchObject({ text: 'quầy vắng người', camera: 'cam-a', unit: '26068', snapshot: { sha256, pictureAt: '2026-01-05T08:12:00.000Z', bytes: 9, kept: true } });
    const look = () => centre.call<string & { code?: string }>('GET', `/shift-snapshots/${line?.snapshot?.id ?? ''}`, { as: 'leader' });
    expect((await look()).body).toBe('a picture');
    expect((await centre.call('GET', `/shift-snapshots/${line?.snapshot?.id ?? ''}`, { as: 'of-740' })).status).toBe(404);
    const audited = await centre.database.query<{ action: string; actor: string; purpose: string; sha256: string }>("SELECT action, actor, purpose, detail->>'sha256' AS sha256 FROM audit_log WHERE action LIKE 'snapshot.%' ORDER BY seq");
    expect(audited.rows).toEqual([{ action: 'snapshot.take', actor: 'lan', purpose: 'quầy vắng người', sha256 }, { action: 'snapshot.look', actor: 'leader', purpose: 'quầy vắng người', sha256 }]);
    // Both are looks at people: they stand in the register, and count for who looks at very many.
    const { viewings } = (await centre.call<{ viewings: ViewingRow[] }>('GET', '/viewings?camera=cam-a')).body;
    expect(viewings.map((one) => [one.action, one.actor, one.from])).toEqual([['snapshot.look', 'leader', '2026-01-05T08:12:00.000Z'], ['snapshot.take', 'lan', '2026-01-05T08:12:00.000Z']]);
    picture = Buffer.alloc(16 * 1024 + 1);
    await expect(takeSnapshot(parts, id, camera, 'lan', 'quá lớn')).rejects.toMatchObject({ code: 'snapshot_limit' });
    picture = Buffer.from('second');
    await takeSnapshot(parts, id, camera, 'lan', 'lần hai');
    await expect(takeSnapshot(parts, id, camera, 'lan', 'lần ba')).rejects.toMatchObject({ code: 'snapshot_limit' });
    await expect(takeSnapshot(parts, id, camera, 'hoa', 'không trong ca')).rejects.toMatchObject({ code: 'not_in_shift' });
    expect(await dropPastSnapshots(centre.database, 90, new Date(clock().getTime() + 89 * 86_400_000))).toBe(0);
    expect(await dropPastSnapshots(centre.database, 90, new Date(clock().getTime() + 91 * 86_400_000))).toBe(2);
    expect([(await look()).status, (await look()).body.code]).toEqual([410, 'snapshot_gone']);
    expect((await read(id)).lines.find((one) => one.id === line?.id)).toMatchObject({ snapshot: { sha256, kept: false } });
  });
});

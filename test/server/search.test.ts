/** Search over everything in scope, accents or not; and the people to call. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { contains, match, plain } from '#analytics/text/plain.ts';
import { contactsOf } from '#config/contacts.ts';
import type { SearchAnswer } from '#contract/search.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
beforeAll(async () => {
  centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' }, change: (config) => { config.contacts = [{ unit: '26068', name: 'Trần Văn Bình', role: 'Trưởng bộ phận', phone: '0251 3822 501' }, { unit: '731', name: 'Lê Thị Cúc', role: 'Chánh văn phòng', phone: '+84 251 1' }, { unit: '75', name: 'Tỉnh', role: '', phone: '0251 0' }]; } });
  await centre.createUser('of-731', ['operator'], '731');
  await centre.createUser('of-740', ['operator'], '740');
  await centre.createUser('inspector', ['inspector'], '731');
  await centre.call('POST', '/cameras', { body: { id: 'quay-1', unit: '26068', name: 'Quầy số 1', position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false } });
  const key = await centre.keyFor(['dossiers', 'queue'], ['75']);
  const at = new Date(Date.now() - 3_600_000).toISOString();
  await centre.send('dossiers', [{ eventId: 'd1', dossier: 'H19.37.26-260105-0012', status: 'received', at, unit: '26068', procedure: '1.004199', channel: 'in_person', dueAt: new Date(Date.now() - 60_000).toISOString() }, { eventId: 'd2', dossier: 'H19.37.26-260105-0_12', status: 'received', at, unit: '740', procedure: '1.004199', channel: 'in_person' }], key);
  await centre.send('queue', [{ eventId: 'q1', unit: '26068', ticket: 'A017', status: 'issued', at }], key);
});
afterAll(async () => { await centre?.end(); });
const search = async (q: string, as = 'of-731') => (await centre.call<SearchAnswer>('GET', `/search?q=${encodeURIComponent(q)}`, { as })).body;

describe('the search', () => {
  it('finds units without accents, the best first, and nothing outside the scope', async () => {
    const name = (await centre.call<{ units: { code: string; name: string }[] }>('GET', '/units', { as: 'of-731' })).body.units.find((unit) => unit.code === '26068')?.name ?? '';
    expect(name).toMatch(/[^\x20-\x7e]/);
    expect((await search(plain(name))).units[0]).toMatchObject({ unit: '26068', unitName: name });
    expect((await search(name.toUpperCase())).units[0]?.unit).toBe('26068');
    expect((await search('26068')).units[0]?.unit).toBe('26068');
    expect((await search(plain(name), 'of-740')).units).toEqual([]);
    expect((await search('quay so 1')).cameras.map((one) => one.id)).toEqual(['quay-1']);
    expect((await search('quay so 1', 'of-740')).cameras).toEqual([]);
  });
  it('finds dossiers by a part of their code and tickets by their number; signs of patterns are letters', async () => {
    expect((await search('0105-0012')).dossiers).toMatchObject([{ code: 'H19.37.26-260105-0012', unit: '26068', status: 'received', overdue: true }]);
    expect((await search('h19.37.26')).dossiers.map((one) => one.code)).toEqual(['H19.37.26-260105-0012']);
    expect((await search('0105-0_12', 'admin')).dossiers.map((one) => one.unit)).toEqual(['740']);
    for (const nothing of ['%%%1', 'H19', '____1', '\\\\\\1']) expect([nothing, (await search(nothing, 'admin')).dossiers]).toEqual([nothing, []]);
    expect((await search('a017')).tickets).toMatchObject([{ ticket: 'A017', unit: '26068' }]);
    expect((await search('a017', 'of-740')).tickets).toEqual([]);
    expect((await centre.call('GET', `/search?q=${'x'.repeat(81)}`, { as: 'of-731' })).status).toBe(400);
  });
  it('takes no text for a fault, and what it finds holds every word', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (name, wanted) => { const rank = match(name, wanted); expect(rank === null || rank <= 1 || contains(name, wanted.trim())).toBe(true); }));
    expect([match('Đồng Nai', 'dong nai'), match('Đồng Nai', 'đồng'), match('Tỉnh Đồng Nai', 'dong'), match('Phường Tân Hòa', 'hoa tan'), match('Phường Tân Hòa', 'huong hoa x')]).toEqual([0, 1, 2, 3, null]);
  });
});

describe('the people to call', () => {
  it('are those of the desk, then those above that the caller sees', async () => {
    const names = async (as: string) => (await centre.call<{ contacts: { name: string }[] }>('GET', '/units/26068/contacts', { as })).body.contacts?.map((one) => one.name);
    expect(await names('of-731')).toEqual(['Trần Văn Bình', 'Lê Thị Cúc']);
    expect(await names('admin')).toEqual(['Trần Văn Bình', 'Lê Thị Cúc', 'Tỉnh']);
    expect((await centre.call('GET', '/units/26068/contacts', { as: 'of-740' })).status).toBe(404);
    expect((await centre.call('GET', '/units/26068/contacts', { as: 'inspector' })).status).toBe(403);
  });
  it('are refused with file, line and column where they cannot be', () => {
    const said: string[] = [];
    const row = (line: number, cells: Record<string, string>) => ({ line, cells: new Map(Object.entries(cells)) });
    contactsOf([row(2, { unit: '26068', name: 'A', role: '', phone: '0251 3822 501' }), row(3, { unit: 'x', name: '', role: '', phone: '=1+1' })], new Set(['26068']), 'contacts.csv', (place, text) => { said.push(`${place} ${text}`); });
    expect(said).toEqual(['contacts.csv:3:1 unit: «x» is not in the unit tree', 'contacts.csv:3:1 name: 1 to 120 characters', expect.stringMatching(/^contacts\.csv:3:1 phone: «=1\+1»/)]);
  });
});

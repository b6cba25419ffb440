/** What the pages reckon themselves: targets, periods, places, steps on the map, service areas, CSV. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetRow } from '#contract/figures.ts';
import { unitsMeant } from '../../client/admin/unitMatch.ts';
import { meets, targetFor } from '../../client/api/targets.ts';
import { along, follow, newcomer, NOWHERE } from '../../client/console/walk.ts';
import { cell, csv } from '../../client/design/csv.ts';
import { neighbour, readDay } from '../../client/design/dayEntry.ts';
import { change, dayText, points, setZone, share, shortMoment, span, startOfDay } from '../../client/design/format.ts';
import { contains } from '../../client/design/plain.ts';
import { oldSeconds, retryDelay } from '../../client/live/freshness.ts';
import { scaleOf, stepOf, valueOf } from '../../client/map/colour.ts';
import { serviceAreas } from '../../client/map/serviceAreas.ts';
import { nextSpot } from '../../client/map/steps.ts';
import { before, isDay, periodOf } from '../../client/performance/periods.ts';

describe('targets', () => {
  const target = (level: string, year: number, unit: string | null, value: number): TargetRow => ({ indicator: 'onTimeRate', level, unit, year, operator: '>=', value, issuer: 'x', document: 'y' });
  const targets = [target('district', 2021, null, 0.98), target('district', 2024, null, 0.97), target('district', 2024, '731', 0.99), target('department', 2021, null, 0.9)];
  it('take the unit’s own before that of its level, and the newest year that has begun', () => {
    expect(targetFor(targets, 'onTimeRate', 'district', '731', 2026)?.value).toBe(0.99);
    expect(targetFor(targets, 'onTimeRate', 'district', '732', 2026)?.value).toBe(0.97);
    expect(targetFor(targets, 'onTimeRate', 'district', '732', 2022)?.value).toBe(0.98);
    expect(targetFor(targets, 'onTimeRate', 'district', '732', 2020)).toBeNull();
  });
  it('of a province are borrowed from what is under it', () => { expect(targetFor(targets, 'onTimeRate', 'province', '75', 2026)?.value).toBe(0.97); });
  it('are strict where the document says «above»', () => { expect([meets(0.98, { operator: '>', value: 0.98 }), meets(0.98, { operator: '>=', value: 0.98 }), meets(0.01, { operator: '<', value: 0.013 })]).toEqual([false, true, true]); });
});
describe('periods', () => {
  it('are whole months, quarters and years up to today', () => {
    expect(periodOf('lastMonth', '2026-03-31')).toEqual({ from: '2026-02-01', to: '2026-02-28' });
    expect(periodOf('quarter', '2026-11-21')).toEqual({ from: '2026-10-01', to: '2026-11-21' });
    expect(periodOf('twelve', '2026-11-21')).toEqual({ from: '2025-12-01', to: '2026-11-21' });
  });
  it('have one of the same length before them', () => { expect(before({ from: '2026-03-01', to: '2026-03-31' })).toEqual({ from: '2026-01-29', to: '2026-02-28' }); });
  it('refuse days that are none', () => { expect(['2026-02-30', '2026-2-3', '', null].map(isDay)).toEqual([false, false, false, false]); });
});
describe('the Vietnamese manner', () => {
  it('of numbers', () => { expect([share(0.9725), share(null), span(65), span(3725), change(-3), change(0), points(0.0042), points(-0.00001)]).toEqual(['97,3%', '—', '01:05', '1:02:05', '−3', '0', '+0,4', '0,0']); });
  it('of times, in the zone of the centre', () => {
    setZone('Asia/Ho_Chi_Minh');
    expect([dayText('2026-11-20'), shortMoment('2026-11-20T01:05:00Z', Date.parse('2026-11-20T09:00:00Z')), shortMoment('2026-11-19T01:05:00Z', Date.parse('2026-11-20T09:00:00Z')), new Date(startOfDay('2026-11-20')).toISOString()]).toEqual(['20/11/2026', '08:05', '19/11 08:05', '2026-11-19T17:00:00.000Z']);
  });
  it('of searching: without accents', () => { expect([contains('Thành phố Biên Hòa', 'bien hoa'), contains('Đồng Nai', 'dong  nai'), contains('Long Khánh', 'bien')]).toEqual([true, true, false]); });
});
describe('a day as it is typed', () => {
  it('is read day before month, however it is set apart', () => { expect(['1/10/2026', '01102026', '01-10-2026', '1.10.26', ' 2026-10-01 '].map(readDay)).toEqual(Array(5).fill('2026-10-01')); });
  it('is none where the calendar has none', () => { expect(['31/02/2026', '10/31/2026', '2026-13-01', '1/10', '1102026', '1/10/202', '', 'hôm nay'].map(readDay)).toEqual(Array(8).fill(null)); });
  it('comes back as it was written, and has neighbours over the ends of months and years', () => {
    fc.assert(fc.property(fc.date({ min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }), (at) => { const day = at.toISOString().slice(0, 10); return readDay(dayText(day)) === day && neighbour(neighbour(day, 1), -1) === day; }));
    expect([neighbour('2026-12-31', 1), neighbour('2028-03-01', -1)]).toEqual(['2027-01-01', '2028-02-29']);
  });
});
describe('a unit as it is typed', () => {
  const units = [['731', 'Thành phố Biên Hòa', 'Tỉnh Đồng Nai'], ['26005', 'Phường Tân Hòa', 'Thành phố Biên Hòa'], ['737', 'Huyện Tân Phú', 'Tỉnh Đồng Nai'], ['26116', 'Thị trấn Tân Phú', 'Huyện Tân Phú']].map(([code = '', name = '', above = '']) => ({ code, name, label: `${name}, ${above} (${code})` }));
  const of = (typed: string) => unitsMeant(units, typed).map((unit) => unit.code);
  it('is found by code, by name and by a part of it, without accents', () => { expect([of('731'), of('phuong tan hoa'), of('Thành phố Biên Hòa'), of('thi tran'), of('HUYỆN TÂN PHÚ')]).toEqual([['731'], ['26005'], ['731'], ['26116'], ['737']]); });
  it('stays open where several could be meant, and where none is', () => { expect([of('tan phu'), of('biên hòa'), of('hoa bien'), of('ha noi'), of(' ')]).toEqual([['737', '26116'], ['731'], ['731', '26005'], [], []]); });
});
describe('the walk through the alerts', () => {
  const row = (id: string, state: 'open' | 'acknowledged' = 'open') => ({ id, state, severity: 'critical' as const });
  const start = follow(NOWHERE, 'b', [row('a'), row('b'), row('c')]);
  it('goes on from where the acknowledged one stood', () => {
    const sunk = [row('a'), row('c'), row('b', 'acknowledged')];
    const walk = follow(start, 'b', sunk);
    expect([along(walk, sunk, 1), along(walk, sunk, -1)]).toEqual(['c', 'a']);
  });
  it('goes on when the chosen one or its neighbour has left', () => {
    const left = [row('a'), row('d')];
    expect([along(follow(start, 'b', left), left, 1), along(follow(start, 'b', left), left, -1)]).toEqual(['a', 'a']);
    const grown = [row('new'), row('a'), row('b'), row('x'), row('c')];
    expect(along(follow(start, 'b', grown), grown, 1)).toBe('x');
  });
  it('begins at the first and stays at the ends', () => {
    const list = [row('a'), row('b')];
    expect([along(follow(NOWHERE, null, list), list, 1), along(follow(NOWHERE, 'b', list), list, 1), along(follow(NOWHERE, 'a', list), list, -1), along(NOWHERE, [], 1)]).toEqual(['a', 'b', 'a', null]);
  });
});
describe('the bell', () => {
  it('rings for the first critical alert and for one that opens as another closes, not for what was there', () => {
    const set = (...ids: string[]) => new Set(ids);
    const open = (...all: [string, 'critical' | 'warning' | 'notice', ('open' | 'acknowledged')?][]) => all.map(([id, severity, state = 'open']) => ({ id, severity, state }));
    expect([newcomer(null, open(['a', 'critical'])), newcomer(set(), open(['a', 'warning'])), newcomer(set('a'), open(['b', 'critical'], ['c', 'notice'])), newcomer(set('a', 'b'), open(['a', 'critical'])), newcomer(set('a'), open(['a', 'critical'])), newcomer(set(), open(['a', 'critical', 'acknowledged']))]).toEqual([null, 'warning', 'critical', null, null, null]);
  });
});
describe('an export', () => {
  it('never holds a formula, and keeps numbers numbers', () => { expect(['=1+1', '+84', '-x', '@a', 'plain', 'a,b', 'say "x"'].map(cell)).toEqual(["'=1+1", "'+84", "'-x", "'@a", 'plain', '"a,b"', '"say ""x"""']); expect(csv([['a', -1, null]])).toBe('\ufeffa,-1,\r\n'); });
});
describe('the age of a picture', () => {
  it('is told after the heart-beat stays away', () => { expect([oldSeconds(null, 1e6), oldSeconds(0, 6_000), oldSeconds(0, 8_400)]).toEqual([null, null, 8]); });
  it('screens come back spread over time, never later than 3 s', () => { fc.assert(fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => { const delay = retryDelay(failures, chance); return delay >= 400 && delay <= 3_000; })); });
});
describe('the map', () => {
  const spots = [{ code: 'm', lat: 11, lon: 107 }, { code: 'n', lat: 11.1, lon: 107.01 }, { code: 'e', lat: 11.02, lon: 107.2 }, { code: 'far', lat: 11.5, lon: 107 }];
  it('walks to the nearest desk in a direction and stays at the edge', () => {
    const [middle] = spots;
    if (!middle) throw new Error('no spot');
    expect([nextSpot(spots, middle, 'ArrowUp').code, nextSpot(spots, middle, 'ArrowRight').code, nextSpot(spots, middle, 'ArrowLeft').code]).toEqual(['n', 'e', 'm']);
  });
  it('covers the province without holes: neighbouring areas share their borders', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.record({ lat: fc.integer({ min: 0, max: 60 }), lon: fc.integer({ min: 0, max: 60 }) }), { minLength: 4, maxLength: 40, selector: (p) => `${p.lat} ${p.lon}` }), (places) => {
      const areas = serviceAreas(places.map((place, i) => ({ code: String(i), lat: 10 + place.lat / 60, lon: 106 + place.lon / 60 })));
      // The areas together are as large as the hull round all of their corners.
      const hull = hullOf(areas.flatMap((area) => area.rings.flat()));
      return Math.abs(areas.reduce((sum, area) => sum + area.rings.reduce((all, ring) => all + size(ring), 0), 0) - size(hull)) < 1e-6 * Math.max(1, size(hull));
    }), { numRuns: 60 });
  });
  it('ends at the real boundary around it, and fills that boundary, bays and islands too', () => {
    const main: [number, number][] = [[10, 106], [10, 107], [11, 107], [11, 106.6], [10.4, 106.6], [10.4, 106.4], [11, 106.4], [11, 106]];
    const island: [number, number][] = [[9.5, 106.2], [9.5, 106.3], [9.6, 106.3], [9.6, 106.2]];
    const points = [[10.2, 106.1], [10.8, 106.2], [10.7, 106.8], [10.1, 106.9], [10.3, 106.5]].map(([lat = 0, lon = 0], i) => ({ code: String(i), lat, lon }));
    const areas = serviceAreas(points, () => [main, island]);
    const all = areas.flatMap((area) => area.rings);
    expect(all.reduce((sum, ring) => sum + size(ring), 0)).toBeCloseTo(size(main) + size(island), 6);
    expect(all.flat().every(([lat, lon]) => lat >= 9.5 && lat <= 11 && lon >= 106 && lon <= 107)).toBe(true);
  });
  it('is coloured in steps of equally many desks; what is not known has none', () => {
    const scale = scaleOf([null, 0, 0, 0, 1, 2, 3, 4, 5, 9]);
    expect(scale).toEqual({ from: [0, 1, 3, 5], most: 9 });
    expect([0, 1, 3, 9].map((value) => stepOf(value, scale ?? { from: [], most: 0 }))).toEqual([0, 1, 3, 4]);
    expect(scaleOf([null, null])).toBeNull();
    expect(valueOf('onTimeRate', undefined, undefined)).toBeNull();
  });
});
const size = (ring: readonly [number, number][]) => Math.abs(ring.reduce((sum, [lat, lon], i) => { const [nextLat, nextLon] = ring[(i + 1) % ring.length] ?? [lat, lon]; return sum + lon * nextLat - nextLon * lat; }, 0)) / 2;
/** Andrew's monotone chain. */
function hullOf(points: readonly [number, number][]): [number, number][] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: readonly [number, number][]) => { const out: [number, number][] = []; for (const p of list) { for (;;) { const a = out.at(-2); const b = out.at(-1); if (!a || !b || (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break; out.pop(); } out.push(p); } return out.slice(0, -1); };
  return [...half(sorted), ...half([...sorted].reverse())];
}

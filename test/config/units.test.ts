/** The tree of units with dates: what ships, and every error with its file, line and key. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dayText } from '#analytics/time/localDay.ts';
import { loadConfig } from '#config/load.ts';
import { readUnits } from '#config/units.ts';
import { lives } from '../support/unitLives.ts';

const folder = mkdtempSync(join(tmpdir(), 'toan-canh-units-'));
mkdirSync(folder, { recursive: true });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
function read(units: string, successors: string) {
  const [first, second] = [join(folder, 'units.csv'), join(folder, 'successors.csv')];
  writeFileSync(first, `code,name,level,kind,parent,valid_from,valid_to,lat,lon\n${units}`);
  writeFileSync(second, `from_code,on,to_code,weight,source\n${successors}`);
  const problems: string[] = [];
  const found = readUnits({ path: first, name: 'units.csv' }, { path: second, name: 'successors.csv' }, (place, text) => { problems.push(`${place} ${text}`); });
  return { problems, ...found };
}
const unit = (code: string, parent: string, from = '', to = '') => `${code},N,commune,x,${parent},${from},${to},,\n`;
const problems = (units: string, successors = '') => read(unit('75', '') + units, successors).problems;
const TWO = unit('a', '75', '', '2024-10-31') + unit('b', '75', '2024-11-01');

describe('what ships', () => {
  it('is the three-level tree without dates, unless the history is asked for', () => {
    const shipped = loadConfig({ dir: '', environment: {} });
    expect([shipped.centre.unitTree, shipped.units.length, shipped.successors, shipped.units.some((one) => one.validFrom !== null || one.validTo !== null)]).toEqual(['three_level', 182, [], false]);
  });
  it('tells the real history with its sources', () => {
    const { units, successors } = loadConfig({ dir: '', environment: { UNIT_TREE: 'history' } });
    const on = (day: string, level: string) => units.filter((one) => one.level === level && (one.validFrom ?? day) <= day && day <= (one.validTo ?? day));
    expect(['2019-01-02', '2024-10-31', '2024-11-01', '2025-06-30', '2025-07-01', '2026-04-30'].map((day) => [on(day, 'commune').length, on(day, 'district').length])).toEqual([[170, 11], [170, 11], [159, 11], [159, 11], [95, 0], [95, 0]]);
    expect(['26014', '26041', '26146'].map((code) => units.filter((one) => one.code === code && (one.validFrom ?? '') < '2025-07-01').map((one) => one.name))).toEqual([['Phường Tân Tiến', 'Phường Tân Mai'], ['Phường Quyết Thắng', 'Phường Trung Dũng'], ['Xã Phú Trung', 'Xã Phú Sơn']]);
    // 72 communes and 23 wards in 2025, 62 and 33 since it is a city.
    expect(['2025-07-01', '2026-04-30'].map((day) => on(day, 'commune').filter((one) => one.name.startsWith('Phường')).length)).toEqual([23, 33]);
    expect([successors.filter((one) => one.on === '2024-11-01').length, successors.filter((one) => one.weight !== 1).map((one) => [one.from, one.to]), successors.every((one) => /NQ-UBTVQH15/.test(one.source))]).toEqual([14, [['26449', '26359'], ['26449', '26446']], true]);
    // The communes of the default tree are those of its days.
    expect(on('2025-01-01', 'commune').map((one) => `${one.code} ${one.name} ${one.parent}`).sort()).toEqual(loadConfig({ dir: '', environment: {} }).units.filter((one) => one.level === 'commune').map((one) => `${one.code} ${one.name} ${one.parent}`).sort());
  });
  it('has no other trees', () => { expect(() => loadConfig({ dir: '', environment: { UNIT_TREE: 'two_level' } })).toThrow(/environment UNIT_TREE unitTree: /); });
});

describe('a tree with dates', () => {
  it('may give a code again, after its period', () => {
    expect(problems(unit('a', '75', '', '2024-10-31') + unit('a', '75', '2024-11-01'))).toEqual([]);
    expect(problems(unit('a', '75', '2024-11-01') + unit('a', '75', '', '2024-10-31'))).toEqual([]);
  });
  it('is refused where periods overlap, end before they begin, or are no days', () => {
    expect(problems(unit('a', '75', '', '2024-11-01') + unit('a', '75', '2024-11-01'))).toEqual(['units.csv:4:1 valid_from: the period of «a» overlaps that of line 3']);
    expect(problems(unit('a', '75') + unit('a', '75'))).toEqual(['units.csv:4:1 code: «a» stands here twice']);
    expect(problems(unit('a', '75', '2024-11-01', '2024-10-31'))).toEqual(['units.csv:3:1 valid_to: «2024-10-31» lies before valid_from «2024-11-01»']);
    expect(problems(unit('a', '75', '2024-02-30', '1/1/2025'))).toEqual(['units.csv:3:1 valid_from: «2024-02-30» is no date', 'units.csv:3:1 valid_to: «1/1/2025» is no date']);
  });
  it('is refused where a parent is missing on any day of a unit', () => {
    expect(problems(TWO + unit('c', 'a'))).toEqual(['units.csv:5:1 parent: «a» of «c» is not there on 2024-11-01']);
    expect(problems(TWO + unit('c', 'b'))).toEqual(['units.csv:5:1 parent: «b» of «c» is not there on the earliest days']);
    expect(problems(TWO + unit('c', 'b', '2024-10-01'))).toEqual(['units.csv:5:1 parent: «b» of «c» is not there on 2024-10-01']);
    expect(problems(unit('a', '75', '', '2024-10-31') + unit('a', '75', '2024-11-02') + unit('c', 'a'))).toEqual(['units.csv:5:1 parent: «a» of «c» is not there on 2024-11-01']);
    expect(problems(unit('a', '75', '', '2024-10-31') + unit('a', '75', '2024-11-01') + unit('c', 'a'))).toEqual([]);
    expect(problems(unit('c', 'z'))).toEqual(['units.csv:3:1 parent: «z» of «c» is not in the tree']);
  });
  it('is refused where a cycle is there on any day', () => {
    expect(problems(unit('a', '75', '', '2024-10-31') + unit('a', 'b', '2024-11-01') + unit('b', '75', '', '2024-11-30') + unit('b', 'a', '2024-12-01'))).toEqual(['units.csv:4:1 parent: «a» is in a cycle on 2024-12-01', 'units.csv:6:1 parent: «b» is in a cycle on 2024-12-01']);
    expect(problems(unit('a', '75', '', '2024-10-31') + unit('a', 'b', '2024-11-01') + unit('b', 'a', '', '2024-10-31') + unit('b', '75', '2024-11-01'))).toEqual([]);
  });
});

describe('successors', () => {
  it('take over on the day after, all of it', () => {
    expect(problems(TWO, 'a,2024-11-01,b,1,law\n')).toEqual([]);
    expect(problems(TWO + unit('c', '75'), 'a,2024-11-01,b,0.3,law\na,2024-11-01,c,0.7,law\n')).toEqual([]);
  });
  it('are refused where they are unknown, at another time, or do not sum to 1', () => {
    expect(problems(TWO, 'a,2024-11-01,z,1,law\nz,2024-11-01,b,1,law\n')).toEqual(['successors.csv:2:1 to_code: «z» is not in the tree', 'successors.csv:3:1 from_code: «z» is not in the tree']);
    expect(problems(TWO, 'a,2024-11-02,b,1,law\n')).toEqual(['successors.csv:2:1 from_code: no period of «a» ends on 2024-11-01, the day before «on»']);
    expect(problems(TWO + unit('c', '75', '2025-01-01'), 'a,2024-11-01,c,1,law\n')).toEqual(['successors.csv:2:1 to_code: «c» is not there on 2024-11-01']);
    expect(problems(TWO, 'a,1/11/2024,b,1,law\n')).toEqual(['successors.csv:2:1 on: «1/11/2024» is no date']);
    expect(problems(TWO + unit('c', '75'), 'a,2024-11-01,b,0.3,law\na,2024-11-01,c,0.6,law\n')).toEqual(['successors.csv:3:1 weight: the shares of «a» on 2024-11-01 sum to 0.9, not to 1']);
    for (const bad of ['0', '-1', '1.5', 'half', '']) expect(problems(TWO, `a,2024-11-01,b,${bad},law\n`)).toEqual([`successors.csv:2:1 weight: «${bad}» is no share above 0 and up to 1`]);
    expect(problems(TWO, 'a,2024-11-01,b,0.5,law\na,2024-11-01,b,0.5,law\n')).toEqual(expect.arrayContaining(['successors.csv:3:1 to_code: «b» stands here twice for «a» on 2024-11-01']));
    expect(problems(TWO, 'a,2024-11-01,b,1,\n')).toEqual(['successors.csv:2:1 source: who decided it must be named']);
  });
});

describe('any life of units', () => {
  it('that can be lived is accepted, and read as it was written', () => fc.assert(fc.property(lives, ({ periods, successions }) => {
    const day = (number: number) => (Number.isFinite(number) ? dayText(number + 19_000) : '');
    const found = read(periods.map((one) => unit(one.code, one.parent ?? '', day(one.from), day(one.to))).join(''), successions.map((one) => `${one.from},${day(one.on)},${one.to},${one.weight},law\n`).join(''));
    expect(found.problems).toEqual([]);
    expect([found.units.length, found.successors.length]).toEqual([periods.length, successions.length]);
  }), { numRuns: 60 }));
});

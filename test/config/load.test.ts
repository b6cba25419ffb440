/** The configuration: every error at once, each with its file, line, column and key. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigProblems, loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'toan-canh-config-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
let made = 0;
/** A directory with these files only. */
function own(files: Record<string, string>): string {
  const dir = join(folder, String(made += 1));
  mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) { mkdirSync(dirname(join(dir, name)), { recursive: true }); writeFileSync(join(dir, name), text); }
  return dir;
}
const shippedText = (name: string) => readFileSync(fromRoot('config', name), 'utf8');
/** The problems, with the directory left out of their places. */
function problems(files: Record<string, string>, environment: Record<string, string> = {}): string[] {
  const dir = own(files);
  try { loadConfig({ dir, environment }); } catch (error) {
    expect(error).toBeInstanceOf(ConfigProblems);
    return (error as ConfigProblems).problems.map((one) => one.replace(`${dir}/`, ''));
  }
  return [];
}
const UNITS = 'code,name,level,kind,parent,lat,lon\n75,Tỉnh,province,x,,10.9,107.1\n731,Huyện,district,x,75,,\n26068,Xã,commune,x,731,,\n';

describe('a directory of one’s own', () => {
  it('that is empty gives what ships', () => {
    const shipped = loadConfig({ dir: fromRoot('config'), environment: {} });
    expect(loadConfig({ dir: own({}), environment: {} })).toEqual(shipped);
    expect(loadConfig({ dir: '', environment: {} })).toEqual(shipped);
    const copy = join(folder, 'copy');
    cpSync(fromRoot('config'), copy, { recursive: true });
    expect(loadConfig({ dir: copy, environment: {} })).toEqual(shipped);
  });
  it('holds only what differs', () => {
    const config = loadConfig({ dir: own({ 'centre.yaml': 'port: 9000\n' }), environment: {} });
    expect([config.centre.port, config.centre.rootUnit, config.units.length]).toEqual([9000, '75', 182]);
    expect(loadConfig({ dir: own({ 'centre.yaml': '' }), environment: {} }).centre.port).toBe(8080);
  });
  it('that does not exist is an error', () => {
    expect(() => loadConfig({ dir: join(folder, 'nowhere'), environment: {} })).toThrow(/nowhere is no directory \(CONFIG_DIR\)/);
  });
});

describe('an error in YAML', () => {
  it('names line, column and key', () => {
    expect(problems({ 'centre.yaml': '# a comment\nhost: 127.0.0.1\nprot: 8080\n' })).toEqual(['centre.yaml:3:1 prot: unknown key']);
    expect(problems({ 'centre.yaml': 'publicName:\n  vi: Tỉnh\n  en: Province\n  fr: Province\n' })).toEqual(['centre.yaml:4:3 publicName.fr: unknown key']);
    expect(problems({ 'centre.yaml': 'port: 70000\n' })).toEqual([expect.stringMatching(/^centre\.yaml:1:1 port: /)]);
    expect(problems({ 'centre.yaml': 'levels:\n  - { code: a, vi: A, en: A }\n  - { code: b, vi: B }\n' })).toEqual([expect.stringMatching(/^centre\.yaml:3:5 levels\.1\.en: /)]);
    expect(problems({ 'centre.yaml': 'host: a\n host: b\n' })[0]).toMatch(/^centre\.yaml:[12]:\d+ /);
    expect(problems({ 'centre.yaml': 'port: 1\nport: 2\n' })[0]).toMatch(/^centre\.yaml:2:1 .*unique/);
    expect(problems({ 'alerts.yaml': 'rules:\n  - { rule: dossier_overdue, enabled: true, severity: critical, maxAgeDays: 30, mxa: 1 }\n' })).toEqual([expect.stringMatching(/^alerts\.yaml:2:\d+ rules\.0\.mxa: unknown key$/)]);
  });
  it('of the sign-in at an issuer is told with its place: groups, units, addresses, secret', () => {
    const oidc = (change: (lines: string[]) => void, environment: Record<string, string> = { OIDC_SECRET: 'x' }) => {
      const lines = ['publicUrl: https://toan-canh.example', 'oidc:', '  name: { vi: Tỉnh, en: Province }', '  issuer: https://sso.example/realms/x', '  clientId: toan-canh', '  clientSecret: { environment: OIDC_SECRET }', '  allow:', "    - { group: a, roles: [operator], unit: '75' }"];
      change(lines);
      return problems({ 'centre.yaml': `${lines.join('\n')}\n` }, environment);
    };
    expect(oidc(() => undefined)).toEqual([]);
    expect(oidc((lines) => { lines[0] = ''; })).toEqual(['centre.yaml:2:1 oidc: needs publicUrl: the issuer must know where to send people back to']);
    expect(oidc((lines) => { lines[0] = 'publicUrl: https://x.example/path'; })[0]).toMatch(/^centre\.yaml:1:1 publicUrl: /);
    for (const issuer of ['http://sso.example', 'https://sso.example/?x=1', 'ftp://x', 'x']) expect(oidc((lines) => { lines[3] = `  issuer: ${issuer}`; })[0]).toMatch(/^centre\.yaml:4:3 oidc\.issuer: an https:/);
    expect(oidc((lines) => { lines[7] = "    - { group: a, roles: [operator], unit: '999' }"; })).toEqual([expect.stringMatching(/^centre\.yaml:8:\d+ oidc\.allow\.0\.unit: «999» is not in the unit tree$/)]);
    expect(oidc((lines) => { lines[7] = "    - { group: a, roles: [king], unit: '75' }"; })[0]).toMatch(/^centre\.yaml:8:\d+ oidc\.allow\.0\.roles\.0: /);
    expect(oidc((lines) => { lines.push("    - { group: a, roles: [admin], unit: '75' }"); })).toEqual([expect.stringMatching(/^centre\.yaml:9:\d+ oidc\.allow\.1\.group: «a» stands here twice$/)]);
    expect(oidc((lines) => { lines.splice(6, 2, '  allow: []'); })[0]).toMatch(/^centre\.yaml:7:3 oidc\.allow: /);
    expect(oidc((lines) => { lines.push('  scopes: [profile]'); })[0]).toMatch(/^centre\.yaml:9:3 oidc\.scopes: must hold «openid»/);
    expect(oidc(() => undefined, {})).toEqual([expect.stringMatching(/^centre\.yaml:6:\d+ oidc\.clientSecret\.environment: holds no secret$/)]);
    expect(oidc((lines) => { lines[5] = '  clientSecret: in-the-file'; })[0]).toMatch(/^centre\.yaml:6:3 oidc\.clientSecret: either /);
    expect(oidc((lines) => { lines[5] = `  clientSecret: { file: ${fromRoot('README.md')} }`; })[0]).toMatch(/^centre\.yaml:6:\d+ oidc\.clientSecret\.file: must lie outside the project$/);
    expect(oidc((lines) => { lines[5] = '  clientSecret: { file: /nowhere/secret }'; })[0]).toMatch(/^centre\.yaml:6:\d+ oidc\.clientSecret\.file: cannot be read \(ENOENT\)$/);
    const file = join(folder, 'secret');
    writeFileSync(file, 'the-secret\n');
    expect(loadConfig({ dir: own({ 'centre.yaml': `publicUrl: https://x.example/\noidc:\n  name: { vi: T, en: P }\n  issuer: https://sso.example\n  clientId: c\n  clientSecret: { file: ${file} }\n  groupsClaim: [realm_access, roles]\n  allow: [{ group: a, roles: [operator], unit: '75' }]\n` }), environment: {} })).toMatchObject({ centre: { publicUrl: 'https://x.example' }, oidc: { clientSecret: 'the-secret', groupsClaim: ['realm_access', 'roles'] } });
  });
  it('is one of many: all are told at once', () => {
    expect(problems({ 'centre.yaml': 'prot: 1\nzone: Mars\n', 'targets.yaml': 'targets: 5\n' })).toEqual(expect.arrayContaining([expect.stringMatching(/^centre\.yaml:1:1 prot/), expect.stringMatching(/^centre\.yaml:2:1 zone: not a known time zone/), expect.stringMatching(/^targets\.yaml:1:1 targets/)]));
  });
  it('of the environment names the variable', () => {
    expect(problems({}, { PORT: 'http' })).toEqual([expect.stringMatching(/^environment PORT port: /)]);
    expect(problems({}, { ADMIN_PASSWORD: 'short' })).toEqual([expect.stringMatching(/^environment ADMIN_PASSWORD .*10 characters/)]);
    expect(problems({}, { CAMERA_NETWORKS: '10.20.0.0/16, all' })).toEqual([expect.stringMatching(/^environment CAMERA_NETWORKS /)]);
    expect(problems({}, { TRUST_PROXY: 'loopback, everybody' })).toEqual([expect.stringMatching(/^environment TRUST_PROXY /)]);
    expect(loadConfig({ dir: own({}), environment: { TRUST_PROXY: 'loopback, 10.20.0.5, fd00::/8' } }).centre.trustProxy).toEqual(['loopback', '10.20.0.5', 'fd00::/8']);
    expect(loadConfig({ dir: own({ 'centre.yaml': 'port: 9000\n' }), environment: { PORT: '9001', HOST: '', CAMERA_NETWORKS: '10.20.0.0/16, 10.21.0.0/16' } }).centre).toMatchObject({ port: 9001, host: '127.0.0.1', cameraNetworks: ['10.20.0.0/16', '10.21.0.0/16'] });
  });
});

describe('working hours', () => {
  const hours = (monday: string, more = '') => `week:\n  monday: ${monday}\n${['tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => `  ${day}: []`).join('\n')}\n${more}`;
  it('are sessions that follow one another', () => {
    expect(loadConfig({ dir: own({ 'calendar/hours.yaml': hours("['07:30-11:30', '13:00-24:00']") }), environment: {} }).calendar.sessions[1]).toEqual([{ from: 450, to: 690 }, { from: 780, to: 1440 }]);
    expect(problems({ 'calendar/hours.yaml': hours("['07:30-12:00', '12:00-17:00']") })).toEqual([]);
    for (const bad of ["['13:00-17:00', '07:30-11:30']", "['07:30-13:30', '13:00-17:00']", "['17:00-13:00']", "['07:30-07:30']", "['13:00-24:30']"])
      expect(problems({ 'calendar/hours.yaml': hours(bad) }), bad).toEqual([expect.stringMatching(/^calendar\/hours\.yaml:2:3 week\.monday: sessions must follow one another/)]);
    expect(problems({ 'calendar/hours.yaml': hours('[morning]') })).toEqual([expect.stringMatching(/^calendar\/hours\.yaml:2:12 week\.monday\.0: a session such as/)]);
  });
  it('of a unit that is not there are an error', () => {
    const week = shippedText('calendar/hours.yaml').replace('units: {}', "units:\n  'x99': *week\n");
    expect(problems({ 'calendar/hours.yaml': week })).toEqual([expect.stringMatching(/^calendar\/hours\.yaml .*«x99» is not in the unit tree/)]);
  });
});

describe('the unit tree', () => {
  const small = { 'demo/province.yaml': shippedText('demo/province.yaml').replace(/(trouble:\s*\{?\s*unit:\s*)'?[\w.]+'?/, "$1'26068'").replace(/unit: '?[\w.]+'?/g, "unit: '26068'") };
  const ofUnits = (text: string) => problems({ ...small, 'units/dong-nai.csv': text });
  it('may be another', () => {
    expect(ofUnits(UNITS)).toEqual([]);
    expect(ofUnits(`\ufeff# a comment\n\n${UNITS}`)).toEqual([]);
  });
  it('has no orphans and no cycles', () => {
    expect(ofUnits(`${UNITS}9,Lạc,commune,x,999,,\n`)).toEqual(['units/dong-nai.csv:5:1 parent: «999» of «9» is not in the tree']);
    expect(ofUnits(`${UNITS}a,A,commune,x,b,,\nb,B,commune,x,a,,\n`)).toEqual(['units/dong-nai.csv:5:1 parent: «a» is in a cycle', 'units/dong-nai.csv:6:1 parent: «b» is in a cycle']);
    expect(ofUnits(`${UNITS}a,A,commune,x,a,,\n`)).toEqual(['units/dong-nai.csv:5:1 parent: «a» is in a cycle']);
  });
  it('has each code once, positions on the earth, and its columns', () => {
    expect(ofUnits(`${UNITS}26068,Xã,commune,x,731,,\n`)).toEqual(['units/dong-nai.csv:5:1 code: «26068» stands here twice']);
    expect(ofUnits(`${UNITS}a b,Xã,commune,x,731,,\n`)).toEqual(['units/dong-nai.csv:5:1 code: «a b» is not a unit code']);
    expect(ofUnits(`${UNITS}9,Xã,commune,x,731,910,x\n`)).toEqual(['units/dong-nai.csv:5:1 lat: «910» is no coordinate', 'units/dong-nai.csv:5:1 lon: «x» is no coordinate']);
    expect(ofUnits(UNITS.replace('parent', 'above'))[0]).toBe('units/dong-nai.csv:1:1 column «parent» is missing; there are code, name, level, kind, above, lat, lon');
    expect(ofUnits('')).toEqual(expect.arrayContaining(['units/dong-nai.csv:1:1 the file is empty']));
    expect(problems({ ...small, 'units/dong-nai.csv': UNITS, 'centre.yaml': "rootUnit: '76'\n" })).toEqual([expect.stringMatching(/rootUnit: «76» is not in the unit tree/)]);
  });
});

describe('tables', () => {
  it('of holidays have dates of the calendar, each once, of a known kind', () => {
    const head = 'day,kind,name,source,certainty\n';
    expect(problems({ 'calendar/holidays.csv': `${head}2026-02-30,holiday,a,b,m\n2026-02-17,feast,a,b,m\n2026-01-01,holiday,a,b,m\n2026-01-01,holiday,a,b,m\n1/1/2026,holiday,a,b,m\n` })).toEqual([
      'calendar/holidays.csv:2:1 day: «2026-02-30» is no date', 'calendar/holidays.csv:3:1 kind: «feast» is none of holiday, compensatory, makeup', 'calendar/holidays.csv:5:1 day: «2026-01-01» stands here twice', 'calendar/holidays.csv:6:1 day: «1/1/2026» is no date']);
  });
  it('of procedures have working days in quarters, each code once', () => {
    const head = '# a comment\ncode,name,field,working_days,levels,fee\n';
    expect(problems({ 'procedures.csv': `${head}1,a,f,0,commune,no\n2,a,f,1.3,commune,no\n3,a,f,x,commune,no\n3,a,f,0.25,commune,no\n` })).toEqual([
      'procedures.csv:3:1 working_days: «0» must be a positive number of quarter days', 'procedures.csv:4:1 working_days: «1.3» must be a positive number of quarter days',
      'procedures.csv:5:1 working_days: «x» must be a positive number of quarter days', 'procedures.csv:6:1 code: «3» stands here twice']);
  });
  it('with a quote that is not closed say where', () => { expect(problems({ 'procedures.csv': 'code,name,field,working_days,levels,fee\n1,"a,f,1,commune,no\n' })[0]).toMatch(/^procedures\.csv.*(quote|Quote)/); });
});

/**
 * Everything that an operator edits, as one object, or every error at once with file, line and key. The environment wins
 * over config/centre.yaml by the one table below.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import { contactsOf } from './contacts.ts';
import { readBoundaries } from './boundaries.ts';
import { readCsv, type CsvRow } from './csvFile.ts';
import { indicatorsFile } from './indicators.ts';
import { checkOidc, type Oidc } from './oidc.ts';
import { fromRoot } from './paths.ts';
import { alertsFile, centreFile, demoFile, hoursFile, targetsFileFor, type Calendar, type Config, type Procedure, type SpecialDay, type WorkWeek } from './schema.ts';
import { ruleSetOf, scoringFileFor, type RuleSet } from './scoring.ts';
import { readUnits } from './units.ts';
import { publicFile } from '#contract/public.ts';
import { sceneFile, type BuiltInScene } from '#contract/scene.ts';
import { BUILT_IN_SCENES } from '#contract/vocabulary.ts';
import { readYaml, type Report } from './yamlFile.ts';

export class ConfigProblems extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) { super(problems.join('\n')); this.problems = problems; }
}

type Environment = Readonly<Record<string, string | undefined>>;
const list = (value: string) => value.split(',').map((one) => one.trim()).filter((one) => one !== '');
const number = (value: string): unknown => (/^\d+$/.test(value) ? Number(value) : value);
/** Variable → key of centre.yaml, and how its text is read. */
const VARIABLES: Record<string, [string, (value: string) => unknown]> = {
  PORT: ['port', number], HOST: ['host', String], DATABASE_URL: ['databaseUrl', String], DATA_DIR: ['dataDir', String], DEMO: ['demo', String], UNIT_TREE: ['unitTree', String],
  ADMIN_PASSWORD: ['adminPassword', String], LOG_LEVEL: ['logLevel', String],
  CAMERA_NETWORKS: ['cameraNetworks', list], TRUST_PROXY: ['trustProxy', list], PUBLIC_URL: ['publicUrl', String],
};

/** `dir` empty: what ships. */
export function loadConfig({ dir: asked, environment }: { dir: string; environment: Environment }): Config {
  const problems: string[] = [];
  const report: Report = (place, text) => { problems.push(`${place} ${text}`); };
  // A directory of one's own holds what differs; the rest is as shipped.
  const shipped = fromRoot('config');
  const dir = asked === '' ? shipped : asked;
  const own = (name: string) => resolve(dir) !== shipped && existsSync(join(dir, name));
  const file = (name: string) => join(own(name) ? dir : shipped, name);
  const shown = (name: string) => (own(name) ? join(dir, name) : `config/${name}`);
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) report(dir, 'is no directory (CONFIG_DIR)');
  const given = Object.entries(VARIABLES).filter(([variable]) => (environment[variable] ?? '') !== '');
  const overrides = Object.fromEntries(given.map(([variable, [key, read]]) => [key, read(environment[variable] ?? '')]));
  const fromEnvironment = new Map(given.map(([variable, [key]]) => [key, variable]));

  const readCentre = <T>(schema: z.ZodType<T>): T | null => readYaml(file('centre.yaml'), shown('centre.yaml'), schema, (place, text) => {
    // What came from the environment is not in the file: the error names the variable.
    const key = text.split(/[.:]/, 1)[0] ?? '';
    const variable = fromEnvironment.get(key);
    report(variable ? `environment ${variable}` : place, text);
  }, (value) => ({ ...(value as object), ...overrides }));
  const centre = readCentre(centreFile);
  const hours = readYaml(file('calendar/hours.yaml'), shown('calendar/hours.yaml'), hoursFile, report);
  const indicators = readYaml(file('indicators.yaml'), shown('indicators.yaml'), indicatorsFile, report);
  const targets = indicators && readYaml(file('targets.yaml'), shown('targets.yaml'), targetsFileFor(indicators.indicators), report);
  // What ships, and what the directory adds; a file of the same name stands for the shipped one.
  const scoringFiles = [...new Set([shipped, dir].flatMap((one) => (existsSync(join(one, 'scoring')) ? readdirSync(join(one, 'scoring')) : [])))].filter((name) => name.endsWith('.yaml')).sort();
  const scoring = indicators === null ? [] : scoringFiles.flatMap((name): RuleSet[] => { const found = readYaml(file(`scoring/${name}`), shown(`scoring/${name}`), scoringFileFor(indicators.indicators), report); return found ? [ruleSetOf(found, indicators.indicators)] : []; });
  overlaps(scoring, report);
  const scenes = BUILT_IN_SCENES.flatMap((id): BuiltInScene[] => {
    const name = `scenes/${id}.yaml`;
    const found = readYaml(file(name), shown(name), sceneFile, report);
    if (found && found.id !== id) report(shown(name), `id: «${found.id}» must be «${id}», as the file is called`);
    return found ? [found] : [];
  });
  const alerts = readYaml(file('alerts.yaml'), shown('alerts.yaml'), alertsFile, report);
  const published = readYaml(file('public.yaml'), shown('public.yaml'), publicFile, report);
  const demo = readYaml(file('demo/province.yaml'), shown('demo/province.yaml'), demoFile, report);
  const csv = (name: string) => ({ path: file(name), name: shown(name) });
  const { units, successors } = centre?.unitTree === 'history' ? readUnits(csv('units/dong-nai-history.csv'), csv('units/dong-nai-successors.csv'), report) : readUnits(csv('units/dong-nai.csv'), null, report);
  const procedures = proceduresOf(readCsv(file('procedures.csv'), shown('procedures.csv'), ['code', 'name', 'field', 'working_days', 'levels', 'fee'], report), shown('procedures.csv'), report);
  const days = daysOf(readCsv(file('calendar/holidays.csv'), shown('calendar/holidays.csv'), ['day', 'kind', 'name', 'source', 'certainty'], report), shown('calendar/holidays.csv'), report);
  if (centre && units.length > 0 && !units.some((unit) => unit.code === centre.rootUnit)) report(shown('centre.yaml'), `rootUnit: «${centre.rootUnit}» is not in the unit tree`);
  // Read again with what is known now, so that this too is told with its line.
  let oidc: Oidc | null = null;
  if (centre?.oidc && units.length > 0) {
    const codes = new Set(units.map((unit) => unit.code));
    readCentre(centreFile.superRefine((value, context) => { oidc = checkOidc(value, codes, environment, (path, message) => { context.addIssue({ code: 'custom', path, message }); }); }));
  }
  if (!centre || !hours || !targets || !indicators || !alerts || !published || !demo || problems.length > 0) throw new ConfigProblems(problems);

  const codes = new Set(units.map((unit) => unit.code));
  const contacts = contactsOf(readCsv(file('contacts.csv'), shown('contacts.csv'), ['unit', 'name', 'role', 'phone'], report), codes, shown('contacts.csv'), report);
  for (const unit of Object.keys(hours.units)) if (!codes.has(unit)) report(shown('calendar/hours.yaml'), `units: «${unit}» is not in the unit tree`);
  for (const unit of [demo.trouble.unit, ...demo.cameras.map((camera) => camera.unit)]) if (!codes.has(unit)) report(shown('demo/province.yaml'), `unit «${unit}» is not in the unit tree`);
  for (const [i, { units: named = [] }] of alerts.show.entries()) for (const unit of named) if (!codes.has(unit)) report(shown('alerts.yaml'), `show.${i}.units: «${unit}» is not in the unit tree`);
  // Files of the map lie beside the configuration that names them.
  const beside = (name: string) => (isAbsolute(name) ? name : join(dir, name));
  const boundaries = centre.map.boundaries === null ? null : readBoundaries(beside(centre.map.boundaries), beside(centre.map.boundaries), centre.map.codeProperty, codes, report);
  if (centre.map.pmtiles !== null && statSync(beside(centre.map.pmtiles), { throwIfNoEntry: false })?.isFile() !== true) report(shown('centre.yaml'), `map.pmtiles: ${beside(centre.map.pmtiles)} is no file`);
  if (problems.length > 0) throw new ConfigProblems(problems);
  const map = { ...centre.map, pmtiles: centre.map.pmtiles === null ? null : beside(centre.map.pmtiles) };
  const calendar: Calendar = { counting: hours.counting, sessions: weekOf(hours.week), unitSessions: Object.fromEntries(Object.entries(hours.units).map(([code, week]) => [code, weekOf(week)])), days };
  const dataDir = isAbsolute(centre.dataDir) ? centre.dataDir : fromRoot(centre.dataDir);
  return { centre: { ...centre, dataDir, map }, oidc, units, successors, contacts, procedures, calendar, indicators: indicators.indicators, scoring, targets: targets.targets, alerts: alerts.rules, alertShows: alerts.show, scenes, boundaries, published, demo };
}

/** On one day one version of a rule set is in force. */
function overlaps(sets: readonly RuleSet[], report: Report): void {
  for (const [i, one] of sets.entries()) {
    const other = sets.slice(0, i).find((before) => before.id === one.id && before.effective.from <= (one.effective.to ?? '9999') && one.effective.from <= (before.effective.to ?? '9999'));
    if (other) report('config/scoring', `effective: versions «${other.version}» and «${one.version}» of «${one.id}» are in force on the same days`);
  }
}

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
function weekOf(week: Record<(typeof DAYS)[number], string[]>): WorkWeek {
  const minute = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
  return Object.fromEntries(DAYS.map((day, i) => [i + 1, week[day].map((session) => { const [from = '', to = ''] = session.split('-'); return { from: minute(from), to: minute(to) }; })])) as WorkWeek;
}

function proceduresOf(rows: readonly CsvRow[], name: string, report: Report): Procedure[] {
  const codes = new Set<string>();
  return rows.map(({ line, cells }) => {
    const cell = (column: string) => cells.get(column) ?? '';
    const workingDays = Number(cell('working_days'));
    if (!(workingDays > 0) || (workingDays * 4) % 1 !== 0) report(`${name}:${line}:1`, `working_days: «${cell('working_days')}» must be a positive number of quarter days`);
    if (codes.has(cell('code'))) report(`${name}:${line}:1`, `code: «${cell('code')}» stands here twice`);
    codes.add(cell('code'));
    const oneOf = <T extends string>(column: string, words: readonly T[]): T | null => {
      const found = words.find((word) => word === cell(column));
      if (found === undefined && cell(column) !== '') report(`${name}:${line}:1`, `${column}: «${cell(column)}» is none of ${words.join(', ')}`);
      return found ?? null;
    };
    const yesNo = (column: string): boolean | null => { const word = oneOf(column, ['yes', 'no'] as const); return word === null ? null : word === 'yes'; };
    return { code: cell('code'), name: cell('name'), field: cell('field'), workingDays, levels: cell('levels').split(' '), feeRequired: cell('fee') === 'yes', online: oneOf('online', ['full', 'partial', 'none'] as const), payable: yesNo('payable'), portal: yesNo('portal'), sample: yesNo('sample') };
  });
}

function daysOf(rows: readonly CsvRow[], name: string, report: Report): Record<string, SpecialDay> {
  const days = new Map<string, SpecialDay>();
  for (const { line, cells } of rows) {
    const day = cells.get('day') ?? '';
    const kind = cells.get('kind') ?? '';
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(`${day}T00:00:00Z`)) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) { report(`${name}:${line}:1`, `day: «${day}» is no date`); continue; }
    if (kind !== 'holiday' && kind !== 'compensatory' && kind !== 'makeup') { report(`${name}:${line}:1`, `kind: «${kind}» is none of holiday, compensatory, makeup`); continue; }
    if (days.has(day)) { report(`${name}:${line}:1`, `day: «${day}» stands here twice`); continue; }
    days.set(day, { kind, name: cells.get('name') ?? '', source: cells.get('source') ?? '' });
  }
  return Object.fromEntries(days);
}

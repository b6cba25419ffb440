/**
 * Figures where units have a life: the same sums as in getKpis.ts, for each stretch of the tree by itself, each code with
 * the share of it that belongs to the unit (analytics/unit/reach.ts). A share other than 1 that counted makes an estimate.
 */
import { byWeight, countedIn, openOn, total, type Slice, type TreeOfFigures } from '#analytics/unit/reach.ts';
import { dayOf, dayText, startOfDay } from '#analytics/time/localDay.ts';
import type { FigureRow, Figures, KpiAnswer } from '#contract/figures.ts';
import { dayOrNull, type LivingUnit, type Period as UnitPeriod } from '../units/tree.ts';
import { assemble, NO_CASES, NO_QUEUE, NOTHING_OPEN, type CasesOpen, type Open, type QueueNow, type Sums } from './assemble.ts';
import { bucketsOf, sumsOf, type By, type FigureParts } from './getKpis.ts';
import { openCases, openDossiers, type OpenBy, type Window } from './open.ts';
import { casesOverTime, openOverTime } from './overTime.ts';
import { dueBy, type Period } from './period.ts';
import { p90Then, queueThen, type TicketPart } from './queueThen.ts';

type Shares = Slice<UnitPeriod>;
export interface Asked { root: LivingUnit; tree: TreeOfFigures }

/** Sums by key, with the keys of which a part was a share other than 1. */
class Sum {
  readonly rows = new Map<string, Record<string, number>>();
  readonly estimated = new Set<string>();
  add(key: string, row: Sums, weight: number): void {
    const sum = this.rows.get(key) ?? {};
    this.rows.set(key, sum);
    for (const [name, value] of Object.entries(row)) if (typeof value === 'number') sum[name] = exact((sum[name] ?? 0) + value * weight);
    if (weight !== 1) this.estimated.add(key);
  }
}
/** Shares of whole numbers, without the dust of binary fractions. */
const exact = (value: number) => (Number.isInteger(value) ? value : Number(value.toFixed(6)));

async function eachPart(slice: Shares, by: By | 'all', sum: Sum, ask: (codes: string[]) => Promise<ReadonlyMap<string, object>>): Promise<void> {
  if (by === 'unit') {
    for (const [code, row] of await ask([...slice.shares.keys()])) for (const share of slice.shares.get(code) ?? []) sum.add(share.unit.key, row as Sums, share.weight);
    return;
  }
  for (const [weight, codes] of byWeight(slice)) for (const [key, row] of await ask(codes)) sum.add(key, row as Sums, weight);
}

const askedOf = ({ units }: FigureParts, { root, tree }: Asked) => ({ history: units.history, root, tree, today: units.today() });
const windowOf = (slice: Shares, { zone }: FigureParts): Window => ({
  since: Number.isFinite(slice.first) ? new Date(startOfDay(slice.first, zone)) : null, before: Number.isFinite(slice.last) ? new Date(startOfDay(slice.last + 1, zone)) : null,
});

async function countedSums(parts: FigureParts, asked: Asked, period: Period, by: By | 'all'): Promise<Sum> {
  const sum = new Sum();
  for (const slice of countedIn(askedOf(parts, asked), period.fromDay, period.toDay)) {
    await eachPart(slice, by, sum, (codes) => sumsOf(parts.database, codes, { ...period, fromDay: slice.first, toDay: slice.last, from: dayText(slice.first), to: dayText(slice.last) }, by));
  }
  return sum;
}

async function openSums(parts: FigureParts, asked: Asked, period: Period, by: OpenBy): Promise<{ dossiers: Sum; cases: Sum }> {
  const [dossiers, cases] = [new Sum(), new Sum()];
  for (const slice of openOn(askedOf(parts, asked), dayOf(period.asOf.getTime(), parts.zone))) {
    const window = windowOf(slice, parts);
    await eachPart(slice, by ?? 'all', dossiers, (codes) => openDossiers(parts.database, codes, period, parts.soonUntil(period.asOf), by, window));
    await eachPart(slice, by ?? 'all', cases, (codes) => openCases(parts.database, codes, period, by, window));
  }
  return { dossiers, cases };
}

/** Tickets cannot be added up part by part (a percentile is of all): each code and stretch goes into the one statement with its share. */
function ticketParts(parts: FigureParts, asked: Asked, period: Period, byUnit: boolean): TicketPart[] {
  return countedIn(askedOf(parts, asked), period.fromDay, period.toDay).flatMap((slice) => [...slice.shares].flatMap(([code, shares]) => {
    const part = (target: string, weight: number): TicketPart => ({ unit: code, first: dayText(slice.first), last: dayText(slice.last), target, weight });
    return byUnit ? shares.map((share) => part(share.unit.key, share.weight)) : [part('', total(shares))];
  }));
}

async function rowsOf(parts: FigureParts, asked: Asked, period: Period, by: OpenBy): Promise<{ keys: string[]; figures: (key: string) => Figures; estimated: (key: string) => boolean }> {
  const [sums, { dossiers, cases }, queue] = await Promise.all([
    countedSums(parts, asked, period, by ?? 'all'), openSums(parts, asked, period, by), queueThen(parts.database, ticketParts(parts, asked, period, by === 'unit'), period, parts.zone.name, by),
  ]);
  return {
    keys: [...new Set([...sums.rows.keys(), ...dossiers.rows.keys(), ...queue.keys(), ...cases.rows.keys()])],
    figures: (key) => assemble(sums.rows.get(key) ?? {}, (dossiers.rows.get(key) as Open | undefined) ?? NOTHING_OPEN, (queue.get(key) as QueueNow | undefined) ?? NO_QUEUE, (cases.rows.get(key) as CasesOpen | undefined) ?? NO_CASES),
    estimated: (key) => [sums, dossiers, cases].some((sum) => sum.estimated.has(key)),
  };
}

/** The figures of a unit as one. */
export async function datedFigures(parts: FigureParts, asked: Asked, period: Period): Promise<{ figures: Figures; estimated: boolean }> {
  const { figures, estimated } = await rowsOf(parts, asked, period, null);
  return { figures: figures(''), estimated: estimated('') };
}

/** The units under the root at the end: of those, who sent anything in the period, but at least in the last seven days of it. */
export async function datedCoverage({ database, ...rest }: Pick<FigureParts, 'database' | 'units'>, asked: Asked, period: Period): Promise<{ reporting: number; expected: number; simulated: boolean }> {
  const { history, today } = { history: rest.units.history, today: rest.units.today() };
  const day = asked.tree === 'now' ? today : period.toDay;
  const living = new Set(history.treeOn(day).under(asked.root.key).filter((key) => { const unit = history.byKey(key); return unit && unit.from <= day && day <= unit.to; }));
  const reporting = new Set<string>();
  let simulated = false;
  for (const slice of countedIn({ history, root: asked.root, tree: asked.tree, today }, Math.min(period.fromDay, period.toDay - 6), period.toDay)) {
    const found = await database.query<{ unit: string; simulated: boolean }>(
      'SELECT u.unit, c.simulated FROM unnest($1::text[]) AS u(unit) CROSS JOIN LATERAL (SELECT bool_or(simulated) AS simulated FROM counter_days WHERE unit = u.unit AND day BETWEEN $2 AND $3 AND dimension = 0 HAVING count(*) > 0) c',
      [[...slice.shares.keys()], dayText(slice.first), dayText(slice.last)]);
    for (const row of found.rows) {
      simulated ||= row.simulated;
      for (const share of slice.shares.get(row.unit) ?? []) if (living.has(share.unit.key)) reporting.add(share.unit.key);
    }
  }
  return { reporting: reporting.size, expected: living.size, simulated };
}

/** `unit`: each unit by itself, also those that were there in a part of the period only, so that the rows add up to the whole. */
async function rowsByUnit(parts: FigureParts, asked: Asked, period: Period): Promise<FigureRow[]> {
  const { history } = parts.units;
  const day = asked.tree === 'now' ? parts.units.today() : period.toDay;
  const found = await rowsOf(parts, asked, period, 'unit');
  // Who was there and counted nothing is a row too.
  const days = asked.tree === 'now' ? [day] : history.changes.filter((start) => start > period.fromDay && start <= period.toDay).concat(period.fromDay);
  const there = days.flatMap((on) => history.treeOn(on).under(asked.root.key).filter((key) => { const unit = history.byKey(key); return unit && unit.from <= on && on <= unit.to; }));
  return [...new Set([...there, ...found.keys])].flatMap((key): FigureRow[] => {
    const unit = history.byKey(key);
    if (!unit) return [];
    const { name, level } = history.periodOn(unit, day);
    return [{ key: parts.units.addressOf(unit, day), name, level, validFrom: dayOrNull(unit.from), validTo: dayOrNull(unit.to), ...(found.estimated(key) ? { estimated: true } : {}), ...found.figures(key) }];
  });
}

async function rowsByTime(parts: FigureParts, asked: Asked, period: Period, by: 'day' | 'week' | 'month'): Promise<FigureRow[]> {
  const { database, zone, soonUntil } = parts;
  const buckets = bucketsOf(period, by, zone);
  if (buckets.length === 0) return [];
  const [sums, p90] = await Promise.all([countedSums(parts, asked, period, by), p90Then(database, ticketParts(parts, asked, period, false), by, zone.name)]);
  const [open, cases] = [new Sum(), new Sum()];
  const { changes } = parts.units.history;
  // Each bucket under the tree of its end: those of one stretch together.
  const stretches = new Map<number, typeof buckets>();
  for (const bucket of buckets) {
    const at = changes.findLastIndex((start) => start <= dayOf(bucket.asOf.getTime(), zone));
    stretches.set(at, [...(stretches.get(at) ?? []), bucket]);
  }
  for (const some of stretches.values()) {
    for (const slice of openOn(askedOf(parts, asked), dayOf((some[0]?.asOf ?? period.asOf).getTime(), zone))) {
      const window = windowOf(slice, parts);
      await eachPart(slice, by, open, (codes) => openOverTime(database, codes, some, soonUntil, window, dueBy(period.deadlines)));
      await eachPart(slice, by, cases, (codes) => casesOverTime(database, codes, some, window));
    }
  }
  return buckets.filter((bucket) => sums.rows.has(bucket.key)).map(({ key }) => ({
    key, ...([sums, open, cases].some((sum) => sum.estimated.has(key)) ? { estimated: true } : {}),
    ...assemble(sums.rows.get(key) ?? {}, (open.rows.get(key) as Open | undefined) ?? NOTHING_OPEN, { ...NO_QUEUE, p90: p90.get(key) ?? null }, (cases.rows.get(key) as CasesOpen | undefined) ?? NO_CASES),
  }));
}

export async function datedKpis(parts: FigureParts, address: string, asked: Asked, period: Period, by: By | null): Promise<KpiAnswer> {
  const grouped = async (what: 'procedure' | 'channel'): Promise<FigureRow[]> => {
    const { keys, figures, estimated } = await rowsOf(parts, asked, period, what);
    return keys.filter((key) => key !== '').sort().map((key) => {
      const name = what === 'procedure' ? parts.procedureName(key) : null;
      return { key, ...(name === null ? {} : { name }), ...(estimated(key) ? { estimated: true } : {}), ...figures(key) };
    });
  };
  const rows = by === null ? undefined : by === 'unit' ? rowsByUnit(parts, asked, period) : by === 'procedure' || by === 'channel' ? grouped(by) : rowsByTime(parts, asked, period, by);
  const [whole, coverage, made] = await Promise.all([datedFigures(parts, asked, period), datedCoverage(parts, asked, period), rows]);
  const { root, tree } = asked;
  return {
    unit: address, tree, validFrom: dayOrNull(root.from), validTo: dayOrNull(root.to), estimated: whole.estimated, from: period.from, to: period.to, asOf: period.asOf.toISOString(),
    coverage: { reporting: coverage.reporting, expected: coverage.expected }, simulated: coverage.simulated, deadlines: period.deadlines ?? 'corrected', ...whole.figures, ...(by === null ? {} : { by, rows: made ?? [] }),
  };
}

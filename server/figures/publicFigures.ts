/** What the province publishes: reckoned at most once a minute, whoever asks. */
import { MINIMUM_VOLUME } from '#analytics/kpi/ranking.ts';
import { targetFor } from '#analytics/kpi/target.ts';
import { dayText } from '#analytics/time/localDay.ts';
import { Fault } from '#contract/faults.ts';
import type { Figures, TargetRow } from '#contract/figures.ts';
import { publicFigures, type PublicFigures, type PublicSettings } from '#contract/public.ts';
import type { PublicFigure } from '#contract/vocabulary.ts';
import { route, type Route } from '../http/route.ts';
import { unitCoverage, unitFigures, type FigureParts } from './getKpis.ts';
import { periodOf, today } from './period.ts';

export interface PublicParts { figures: FigureParts; settings: PublicSettings; targets: readonly TargetRow[]; rootUnit: string; name: { vi: string; en: string }; zone: string; now: () => Date }

const KEPT = 60_000;
const OF_ADDRESS = { count: 60, within: 60_000 };

export function publicRoutes({ figures, settings, targets, rootUnit, name, zone, now }: PublicParts): Route[] {
  let kept: { at: number; answer: Promise<PublicFigures> } | null = null;
  /** How often an address has asked in this minute. */
  let minute = 0;
  const asked = new Map<string, number>();
  function admit(address: string): void {
    const current = Math.floor(now().getTime() / OF_ADDRESS.within);
    if (current !== minute || asked.size > 20_000) { minute = current; asked.clear(); }
    const count = (asked.get(address) ?? 0) + 1;
    asked.set(address, count);
    if (count > OF_ADDRESS.count) throw new Fault('rate_limited', null, { retryAfter: 60 });
  }
  async function reckon(): Promise<PublicFigures> {
    const at = now();
    const day = dayText(today(figures.zone, at));
    const from = `${day.slice(0, 7)}-01`;
    const head = { name, asOf: at.toISOString(), zone, from, to: day };
    if (!settings.enabled || settings.figures.length === 0) return { ...head, published: false, coverage: null, simulated: false, figures: [] };
    const monthPeriod = periodOf(from, day, figures.zone, at);
    const [month, now_, coverage] = await Promise.all([unitFigures(figures, rootUnit, monthPeriod), unitFigures(figures, rootUnit, periodOf(day, day, figures.zone, at)), unitCoverage(figures, rootUnit, monthPeriod)]);
    const level = figures.units.rows.find((unit) => unit.code === rootUnit)?.level ?? 'province';
    return { ...head, published: true, coverage: { reporting: coverage.reporting, expected: coverage.expected }, simulated: coverage.simulated, figures: settings.figures.map((one) => figureOf(one, month, now_, (indicator) => targetFor(targets, indicator, level, rootUnit, Number(day.slice(0, 4)))?.value ?? null)) };
  }
  return [route({
    method: 'get', path: '/public/figures', tag: 'Public', summary: 'The figures that the province publishes; no sign-in', access: 'public', scope: { kind: 'none' }, answer: publicFigures,
    async handle({ request }) {
      admit(request.ip ?? '');
      if (kept === null || now().getTime() - kept.at > KEPT || now().getTime() < kept.at) {
        const answer = reckon();
        kept = { at: now().getTime(), answer };
        // What failed is asked again by the next.
        answer.catch(() => { kept = null; });
      }
      return await kept.answer;
    },
  })];
}

function figureOf(name: PublicFigure, month: Figures, day: Figures, target: (indicator: string) => number | null): PublicFigures['figures'][number] {
  const count = (value: number) => ({ name, kind: 'count' as const, value, reason: null, target: null });
  const share = (value: number | null, volume: number) => ({ name, kind: 'share' as const, value: volume < MINIMUM_VOLUME ? null : value, reason: value === null ? 'none' as const : volume < MINIMUM_VOLUME ? 'few' as const : null, target: target(name) });
  switch (name) {
    case 'received': return count(month.dossiers.received);
    case 'resolved': return count(month.dossiers.resolved);
    case 'pending': return count(day.dossiers.pending);
    case 'waiting': return count(day.queue.waiting);
    case 'onTimeRate': return share(month.dossiers.onTimeRate, month.dossiers.resolved);
    case 'onlineRate': return share(month.dossiers.onlineRate, month.dossiers.received);
    case 'satisfiedRate': return share(month.satisfaction.satisfiedRate, month.satisfaction.responses);
    case 'averageWait': return { name, kind: 'seconds', value: day.queue.averageWaitSeconds, reason: day.queue.averageWaitSeconds === null ? 'none' : null, target: null };
  }
}

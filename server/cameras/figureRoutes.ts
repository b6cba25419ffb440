/** Cameras as figures, and the outages behind them. */
import { z } from 'zod';
import { dateOf, dayText } from '#analytics/time/localDay.ts';
import type { Zone } from '#analytics/time/localDay.ts';
import type { Config } from '#config/schema.ts';
import { cameraFigures, cameraOutage, FIGURES_BY } from '#contract/cameraFigures.ts';
import { periodOf, today } from '../figures/period.ts';
import { route, type Route } from '../http/route.ts';
import type { Session } from '../access/session.ts';
import type { Units } from '../units/tree.ts';
import { cameraFiguresOf, outagesOf, type FigureSource } from './figures.ts';

/** Which desks should have a camera: the levels of the indicator, or the units of the list with all below them. */
export function expectedUnits(config: Config, units: Units): { units: ReadonlySet<string>; source: string } {
  const { cameraUnits } = config.centre;
  if (cameraUnits !== 'indicator') return { units: new Set(cameraUnits.flatMap((code) => [...units.tree.under(code)])), source: 'config/centre.yaml: cameraUnits' };
  const indicator = config.indicators.find((one) => one.id === 'camerasConnectedRate');
  const levels: readonly string[] = indicator?.source?.kind === 'cameras' ? indicator.source.levels : [];
  return { units: new Set(units.rows.filter((unit) => levels.includes(unit.level)).map((unit) => unit.code)), source: indicator?.documents.join('; ') ?? 'config/indicators.yaml' };
}

export function cameraFigureRoutes(source: FigureSource & { now: () => Date; dayZone: Zone }): Route[] {
  const { units, now, dayZone } = source;
  const query = z.object({ unit: z.string().optional(), from: z.string().optional(), to: z.string().optional(), by: z.enum(FIGURES_BY).default('unit') });
  const asked = (session: Session, { unit, from, to }: { unit?: string | undefined; from?: string | undefined; to?: string | undefined }) => {
    const day = today(dayZone, now());
    const { year, month } = dateOf(day);
    const period = periodOf(from ?? `${year}-${String(month).padStart(2, '0')}-01`, to ?? dayText(day), dayZone, now());
    return { period, codes: unit === undefined ? [...session.scope] : units.tree.under(unit).filter((code) => session.scope.has(code)) };
  };
  return [
    route({
      method: 'get', path: '/cameras/figures', tag: 'Cameras', summary: 'Coverage now, and uptime, outages and time to repair of a period (this month), by unit, month or camera', access: 'session', scope: { kind: 'unit', from: 'query.unit' }, query, answer: cameraFigures,
      async handle({ session, query: given }) { const { period, codes } = asked(session, given); return await cameraFiguresOf(source, codes, period, given.by); },
    }),
    route({
      method: 'get', path: '/cameras/outages', tag: 'Cameras', summary: 'Outages that touch a period (this month): of cameras, of desks\' lines, of media nodes, with cause and duration', access: 'session', scope: { kind: 'unit', from: 'query.unit' }, query: query.omit({ by: true }), answer: z.object({ outages: z.array(cameraOutage) }),
      async handle({ session, query: given }) { const { period, codes } = asked(session, given); return { outages: await outagesOf(source, codes, period, now()) }; },
    }),
  ];
}

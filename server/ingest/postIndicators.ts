/**
 * POST /ingest/indicators: figures that have no events. The latest of (unit, indicator, period) counts. A value that cannot be
 * is refused where the id is known; an unknown id is kept and listed for the administrator, as an unknown procedure is.
 */
import { isPossible, type ReportKind } from '#config/reportRange.ts';
import { indicatorEvent, type IndicatorEventBody } from '#contract/events.ts';
import type { Queryable } from '../database/pool.ts';
import { newestByUnit, takeFresh, type Kind } from './kind.ts';
import { Refusal } from './refusal.ts';

export const indicatorKind = (kinds: ReadonlyMap<string, ReportKind>): Kind<IndicatorEventBody> => ({
  name: 'indicators', schema: indicatorEvent, instantOf: () => null,
  check({ indicator, value }) {
    const kind = kinds.get(indicator);
    if (kind !== undefined && !isPossible(kind, value)) throw new Refusal('value_out_of_range', `value: ${value} cannot be the ${kind} «${indicator}» (${kind === 'share' ? '0 to 1' : '0 or more'})`);
  },
  async apply(connection, incoming, source, alone) {
    await alone();
    const { fresh, refused } = await takeFresh(connection, 'indicators', incoming, source.simulated, {
      table: 'indicators', columns: { unit: ['text', (one) => one.event.unit], indicator: ['text', (one) => one.event.indicator], period: ['text', (one) => one.event.period], value: ['float8', (one) => one.event.value] },
    });
    if (fresh.length > 0) {
      await connection.query(
        `INSERT INTO indicators (event_id, unit, indicator, period, value, channel, source, simulated)
         SELECT *, $7, $8 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::text[])`,
        [fresh.map((one) => one.event.eventId), fresh.map((one) => one.event.unit), fresh.map((one) => one.event.indicator), fresh.map((one) => one.event.period), fresh.map((one) => one.event.value), fresh.map((one) => one.event.source), source.id, source.simulated]);
      await listUnknown(connection, fresh.map((one) => one.event.indicator), kinds);
    }
    return { touched: newestByUnit(fresh.map((one) => [one.event.unit, 0])), heard: [], refused, fresh: fresh.map((one) => one.index) };
  },
});

/** In one order, so that two requests do not wait for each other. */
async function listUnknown(connection: Queryable, ids: readonly string[], kinds: ReadonlyMap<string, ReportKind>): Promise<void> {
  const unknown = [...new Set(ids)].filter((id) => !kinds.has(id)).sort();
  if (unknown.length > 0) await connection.query('INSERT INTO unknown_indicators (code) SELECT unnest($1::text[]) ON CONFLICT (code) DO UPDATE SET last_seen_at = now()', [unknown]);
}

/** POST /ingest/indicators: figures that have no events. The latest of (unit, indicator, period) counts. */
import { indicatorEvent, type IndicatorEventBody } from '#contract/events.ts';
import { newestByUnit, takeFresh, type Kind } from './kind.ts';

export const indicatorKind: Kind<IndicatorEventBody> = {
  name: 'indicators', schema: indicatorEvent, instantOf: () => null,
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
    }
    return { touched: newestByUnit(fresh.map((one) => [one.event.unit, 0])), heard: [], refused, fresh: fresh.map((one) => one.index) };
  },
};

/** POST /ingest/surveys: each rating is an event of its own. */
import { ratingContribution } from '#analytics/satisfaction/rating.ts';
import type { Zone } from '#analytics/time/localDay.ts';
import { surveyEvent, type SurveyEventBody } from '#contract/events.ts';
import { applyCounters } from './counters.ts';
import { newestByUnit, takeFresh, type Kind } from './kind.ts';

export function surveyKind(zone: Zone): Kind<SurveyEventBody> {
  return {
    name: 'surveys', schema: surveyEvent, instantOf: (event) => Date.parse(event.at),
    async apply(connection, incoming, source, alone) {
      await alone();
      const { fresh, refused } = await takeFresh(connection, 'surveys', incoming, source.simulated, {
        table: 'surveys', columns: { at: ['date', (one) => new Date(one.event.at).toISOString().slice(0, 10), "(k.at AT TIME ZONE 'UTC')::date"], unit: ['text', (one) => one.event.unit], rating: ['smallint', (one) => one.event.rating] },
      });
      if (fresh.length === 0) return { touched: new Map(), heard: [], refused, fresh: [] };
      const rows = fresh.map(({ event }) => ({
        at: event.at, event_id: event.eventId, unit: event.unit, rating: event.rating, fault: event.fault ?? false, counter: event.counter ?? null,
        dossier: event.dossier ?? null, ticket: event.ticket ?? null, channel: event.source, reasons: event.reasons ?? [],
      }));
      await connection.query(
        `INSERT INTO surveys (at, event_id, unit, rating, fault, counter, dossier, ticket, channel, reasons, source, simulated)
         SELECT at, event_id, unit, rating, fault, counter, dossier, ticket, channel, ARRAY(SELECT jsonb_array_elements_text(reasons)), $2, $3
         FROM json_to_recordset($1::json) AS r(at timestamptz, event_id text, unit text, rating smallint, fault boolean, counter text, dossier text, ticket text, channel text, reasons jsonb)`,
        [JSON.stringify(rows), source.id, source.simulated]);
      await applyCounters(connection, fresh.flatMap(({ event, at }) => ratingContribution({ unit: event.unit, at, rating: event.rating, fault: event.fault ?? false }, zone).map((part) => ({ ...part, simulated: source.simulated }))));
      return { touched: newestByUnit(fresh.map((one) => [one.event.unit, one.at])), heard: fresh.map((one) => [one.event.unit, one.at]), refused, fresh: fresh.map((one) => one.index) };
    },
  };
}

import { describe, expect, it } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { dossierEvent, feedbackEvent, queueEvent, surveyEvent } from '#contract/events.ts';
import { eventsOfDay } from '#server/demo/day.ts';
import { liveDay, pendingTrouble } from '#server/demo/live.ts';
import { makeProvince } from '#server/demo/province.ts';

const config = loadConfig({ dir: fromRoot('config'), environment: {} });
const province = makeProvince(config, 7);
const schemas = { dossiers: dossierEvent, queue: queueEvent, surveys: surveyEvent, feedback: feedbackEvent };
// Tuesday 3 March 2026
const day = Date.parse('2026-03-03T00:00:00Z') / 86_400_000;
const made = () => province.desks.flatMap((desk) => eventsOfDay({ province, desk, day, progress: 0.5, withTickets: true }));

describe('the simulated province', () => {
  it('is the same on every start', () => { expect(made()).toEqual(made()); });
  it('sends only what the contract accepts, of units that exist, each id once', () => {
    const codes = new Set(config.units.map((unit) => unit.code));
    const now = Date.parse('2026-03-03T09:00:00+07:00');
    const events = [...made(), ...pendingTrouble(province, now), ...Array.from({ length: 300 }, (_, i) => liveDay(province, now + i).tick(now + i * 1000)).flat()];
    for (const { kind, event } of events) {
      const result = schemas[kind].safeParse(event);
      expect(result.success, JSON.stringify(event)).toBe(true);
      if ('unit' in event && event.unit !== undefined) expect(codes.has(event.unit)).toBe(true);
    }
    const ids = made().map((one) => `${one.kind} ${one.event.eventId}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(500);
  });
});

/** GET /forecast/queue: how long a ticket drawn now will wait, and the queue of the next three hours. Estimates, never counts. */
import { z } from 'zod';
import { FORECAST_REASONS } from './vocabulary.ts';

/** The 10th, 50th and 90th percentile of what came in similar cases. */
export const forecastBand = z.object({ p10: z.number(), p50: z.number(), p90: z.number() }).meta({ id: 'ForecastBand' });
export type ForecastBand = z.infer<typeof forecastBand>;
const reason = z.enum(FORECAST_REASONS).nullable();

const accuracy = z.object({
  days: z.int(), forecasts: z.int(), meanAbsoluteErrorSeconds: z.number(),
  /** Forecast less actual: more than zero means it said too long. */
  biasSeconds: z.number(),
  /** The share of waits between p10 and p90; 0.8 is right. */
  withinBand: z.number(),
}).meta({ id: 'ForecastAccuracy' });
export type ForecastAccuracy = z.infer<typeof accuracy>;
const ratio = z.number().nullable();
/** Run over stored tickets by what was known before them: no forecast that was ever shown. `ratios`: the error over that of a naive forecast. */
const backTest = accuracy.extend({ ratios: z.object({ lastWeek: ratio, dayAverage: ratio, lastTicket: ratio }) }).meta({ id: 'ForecastBackTest' });

export const deskForecast = z.object({
  waiting: z.int(), longestWaitSeconds: z.number().nullable(), openCounters: z.int(), servedToday: z.int(), noShowToday: z.int(),
  /** Of the tickets called in the weeks learned from; null before any. */
  noShowShare: z.number().nullable(),
  /** Seconds that a ticket drawn now will wait; null with the reason. */
  wait: forecastBand.nullable(), reason,
  /** Quarters of an hour; `waiting` at its beginning, `wait` in seconds of who comes in it. Null: closed, or too little is known. */
  slots: z.array(z.object({ from: z.string(), to: z.string(), open: z.boolean(), arrivals: forecastBand.nullable(), waiting: forecastBand.nullable(), wait: forecastBand.nullable() })),
  /** Learned from so many days and tickets; below `minimumDays` or `minimumTickets` nothing is said. */
  history: z.object({ days: z.int(), tickets: z.int(), minimumDays: z.int(), minimumTickets: z.int() }),
  /** Forecasts of the last 14 days against what came: of a ticket drawn then, and of one drawn one or two hours later. Null until there are any. */
  accuracy: accuracy.nullable(), accuracyAhead: accuracy.nullable(),
  backTest: backTest.nullable(), backTestAhead: backTest.nullable(),
  simulated: z.boolean(),
}).meta({ id: 'DeskForecast' });
export type DeskForecast = z.infer<typeof deskForecast>;

export const deskWait = z.object({
  unit: z.string(), unitName: z.string(), asOf: z.string(), waiting: z.int(), openCounters: z.int(), wait: forecastBand.nullable(), reason, accuracy: accuracy.nullable(), simulated: z.boolean(),
}).meta({ id: 'DeskWait' });

export const queueForecastAnswer = z.object({
  unit: z.string(), unitName: z.string(), asOf: z.string(), estimate: z.literal(true),
  /** The unit's own desk; null when it has given out no ticket within a week. */
  desk: deskForecast.nullable(),
  /** The desks under it (itself left out) that gave out tickets today, longest expected wait first; `total` of them. */
  desks: z.array(deskWait), total: z.int(),
}).meta({ id: 'QueueForecast' });
export type QueueForecastAnswer = z.infer<typeof queueForecastAnswer>;

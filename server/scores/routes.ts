/** Scores and the rules behind them. */
import { z } from 'zod';
import { reportPeriod } from '#contract/events.ts';
import { behindIndicator } from '#contract/indicators.ts';
import { ruleSetAnswer as ruleSetShape, scoresAnswer } from '#contract/scores.ts';
import { Fault } from '#contract/faults.ts';
import { DEADLINES } from '#contract/vocabulary.ts';
import { route, type Route } from '../http/route.ts';
import type { Database } from '../database/pool.ts';
import { readSignatures, ruleSetAnswer, sign } from './signatures.ts';
import type { ScoreParts, Scores } from './scores.ts';

const period = reportPeriod;

export function scoreRoutes(scores: Scores, { sets, now, database }: Pick<ScoreParts, 'sets' | 'now'> & { database: Database }): Route[] {
  return [
    route({
      method: 'get', path: '/scores', cost: 10, tag: 'Figures', summary: 'Scores of a unit over a period by each rule set (Decision 766, Circular 01/2018), down to the item; `by=unit`: also those of each unit under it', access: 'session', scope: { kind: 'unit', from: 'query.unit' },
      query: z.object({ unit: z.string(), period, by: z.enum(['unit']).optional(), deadlines: z.enum(DEADLINES).default('corrected') }), answer: scoresAnswer,
      async handle({ query }) { return await scores.of(query.unit, query.period, query.by === 'unit', query.deadlines); },
    }),
    route({
      method: 'get', path: '/scores/:set/:item/behind', cost: 5, tag: 'Figures', summary: 'The procedures, units or reports behind an item of a score; dossiers are behind its lists', access: 'session', scope: { kind: 'unit', from: 'query.unit' },
      params: z.object({ set: z.string().max(60), item: z.string().max(20) }), query: z.object({ unit: z.string(), period }), answer: behindIndicator,
      async handle({ params, query }) {
        const found = await scores.behind(params.set, params.item, query.unit, query.period);
        return { id: params.item, unit: query.unit, from: found.period.from, to: found.period.to, rows: found.rows };
      },
    }),
    route({
      method: 'get', path: '/scoring', tag: 'Figures', summary: 'The rule sets of scoring, each with who signed it', access: 'session', scope: { kind: 'none' },
      answer: z.object({ sets: z.array(ruleSetShape) }),
      async handle() { const signatures = await readSignatures(database); return { sets: sets.map((set) => ruleSetAnswer(set, signatures)) }; },
    }),
    route({
      method: 'post', path: '/scoring/:id/sign', tag: 'Figures', summary: 'Sign the very text of a rule set, so that it counts, or withdraw the signature', access: ['admin'], scope: { kind: 'centre' },
      params: z.object({ id: z.string().max(60) }), body: z.strictObject({ version: z.string(), fingerprint: z.string(), signed: z.boolean(), note: z.string().trim().min(5).max(2000) }), answer: ruleSetShape,
      async handle({ params, body, session }) {
        const set = sets.find((one) => one.id === params.id && one.version === body.version);
        if (!set) throw new Fault('not_found');
        // What was read on the page and what would be signed must be one text.
        if (set.fingerprint !== body.fingerprint) throw new Fault('changed_meanwhile', 'the rule set has changed since it was read');
        await sign(database, set, { signed: body.signed, note: body.note, by: session.username, unit: session.unit, at: now() });
        return ruleSetAnswer(set, await readSignatures(database));
      },
    }),
  ];
}

/** The ingest's routes: the five kinds, the list of what was refused, and its replay after a mend. */
import { z } from 'zod';
import type { ReportKind } from '#config/reportRange.ts';
import { dossierEvent, feedbackEvent, indicatorEvent, ingestAnswer, queueEvent, surveyEvent, type IngestAnswer } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { REFUSED_RULES, type IngestKind } from '#contract/vocabulary.ts';
import { appendAudit } from '../audit/append.ts';
import { route, type Route } from '../http/route.ts';
import { FEW_EVENTS, readRequest, writeRequests, type IngestParts, type Kind, type Request } from './kind.ts';
import { dossierKind, type IngestRules } from './postDossiers.ts';
import { feedbackKind } from './postFeedback.ts';
import { dayCloseRoute } from './postDayClose.ts';
import { indicatorKind } from './postIndicators.ts';
import { queueKind } from './postQueue.ts';
import { surveyKind } from './postSurveys.ts';
import { readEvents, type RawEvent } from './readEvents.ts';
import { readKept } from './refusal.ts';
import { sourceOfRow, type Source } from './source.ts';
import { together } from './together.ts';

const rejectionRow = z.object({ id: z.number(), at: z.string(), kind: z.string(), keyId: z.string(), eventId: z.string().nullable(), unit: z.string().nullable(), code: z.string(), message: z.string(), issue: z.object({ field: z.string(), rule: z.enum(REFUSED_RULES) }).nullable(), body: z.unknown(), times: z.number() }).meta({ id: 'Rejection' });

/** Events of several requests in one transaction: as many as one request may bring. */
const MOST_TOGETHER = 10_000;

/** `reported`: the known ids of reported indicators. `count`: for the metrics. */
export function ingestRoutes(parts: IngestParts, rules: IngestRules, reported: ReadonlyMap<string, ReportKind>, count: (kind: IngestKind, outcome: 'accepted' | 'duplicate' | 'rejected', events: number) => void): Route[] {
  const { database, units, now } = parts;
  /** Events of one kind: read at once, written with those that wait for the same turn. */
  const runner = <E extends { eventId: string; unit?: string | undefined }>(kind: Kind<E>) => {
    const write = together<Request<E>, IngestAnswer>((requests) => writeRequests(kind, requests, parts), { sizeOf: (request) => request.raws.size, most: MOST_TOGETHER, many: FEW_EVENTS, lanes: 2 });
    return async (raws: readonly RawEvent[], source: Source) => await write(source.id, readRequest(kind, raws, source, parts));
  };
  const run: Record<IngestKind, (raws: readonly RawEvent[], source: Source) => Promise<IngestAnswer>> = {
    dossiers: runner(dossierKind(rules, units, now)), queue: runner(queueKind(rules.zone)), surveys: runner(surveyKind(rules.zone)),
    feedback: runner(feedbackKind(rules, units)), indicators: runner(indicatorKind(reported)),
  };
  const post = (kind: IngestKind, body: z.ZodType, summary: string): Route => route({
    method: 'post', path: `/ingest/${kind}`, tag: 'Ingest', summary, access: 'key', scope: { kind: 'none' }, rawBody: { limit: '16mb' }, body: z.array(body), answer: ingestAnswer,
    async handle({ request, body: raw, response }) {
      const source = response.locals.source as Source;
      // Whether the key is for this kind is said before anything of the body is.
      if (!source.kinds.includes(kind)) throw new Fault('key_kind');
      const answer = await run[kind](readEvents(raw, request.headers['content-type'] ?? ''), source);
      count(kind, 'accepted', answer.accepted);
      count(kind, 'duplicate', answer.duplicates);
      count(kind, 'rejected', answer.rejected.length);
      return answer;
    },
  });

  return [
    post('dossiers', dossierEvent, 'Events of dossiers; answered after commit, one bad event never takes the good ones with it'),
    post('queue', queueEvent, 'Events of queue tickets'),
    post('surveys', surveyEvent, 'Ratings of citizens'),
    post('feedback', feedbackEvent, 'Events of feedback cases of the hotline and the portals'),
    post('indicators', indicatorEvent, 'Figures that have no events'),
    dayCloseRoute(parts, rules.zone),
    route({
      method: 'get', path: '/ingest/rejections', tag: 'Ingest', summary: 'What was refused and waits for a mend, newest first', access: ['admin'], scope: { kind: 'filter' },
      query: z.object({ kind: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(100), after: z.coerce.number().int().optional() }),
      answer: z.object({ rejections: z.array(rejectionRow), total: z.number() }),
      async handle({ query, session }) {
        // A refusal that names no unit of ours belongs to the centre as a whole.
        const central = session.scope.size === units.history.codes.length;
        const where = 'replayed_at IS NULL AND (unit = ANY($1) OR (unit IS NULL AND $2)) AND ($3::text IS NULL OR kind = $3)';
        const values = [[...session.scope], central, query.kind ?? null];
        const rows = await database.query<{ id: number; at: Date; kind: string; key_id: string; event_id: string | null; unit: string | null; code: string; message: string; body: unknown; times: number }>(
          `SELECT * FROM rejections WHERE ${where} AND ($4::bigint IS NULL OR id < $4) ORDER BY id DESC LIMIT $5`, [...values, query.after ?? null, query.limit]);
        const total = await database.query<{ n: number }>(`SELECT count(*) AS n FROM rejections WHERE ${where}`, values);
        return { total: total.rows[0]?.n ?? 0, rejections: rows.rows.map((row) => ({ id: row.id, at: row.at.toISOString(), kind: row.kind, keyId: row.key_id, eventId: row.event_id, unit: row.unit, code: row.code, ...readKept(row.message), body: row.body, times: row.times })) };
      },
    }),
    route({
      method: 'post', path: '/ingest/rejections/:id/replay', tag: 'Ingest', summary: 'Sends a refused event again, under its own key, after the cause was mended', access: ['admin'], scope: { kind: 'filter' },
      params: z.object({ id: z.coerce.number().int() }), answer: ingestAnswer,
      async handle({ params, session }) {
        const found = await database.query<{ kind: IngestKind; key_id: string; body: unknown; unit: string | null }>('SELECT kind, key_id, body, unit FROM rejections WHERE id = $1 AND replayed_at IS NULL', [params.id]);
        const row = found.rows[0];
        const visible = row && (row.unit === null ? session.scope.size === units.history.codes.length : session.scope.has(row.unit));
        if (!row || !visible) throw new Fault('not_found');
        const key = (await database.query<{ id: string; kinds: IngestKind[]; units: string[]; simulated: boolean }>('SELECT id, kinds, units, simulated FROM ingest_keys WHERE id = $1 AND revoked_at IS NULL', [row.key_id])).rows[0];
        if (!key) throw new Fault('key_invalid', 'the key that sent this event was revoked');
        const answer = await run[row.kind]([{ index: 0, value: row.body, malformed: null }], sourceOfRow(key, units));
        await database.transaction(async (connection) => {
          if (answer.rejected.length === 0) await connection.query('UPDATE rejections SET replayed_at = $2, replayed_by = $3 WHERE id = $1', [params.id, now(), session.username]);
          await appendAudit(connection, { actor: session.username, action: 'ingest.replay', unit: row.unit, subject: String(params.id), detail: { accepted: answer.accepted, rejected: answer.rejected.length } }, now());
        });
        return answer;
      },
    }),
  ];
}

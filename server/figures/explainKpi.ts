/**
 * GET /kpis/:name/explain: what is behind a figure. Each condition is the rule of analytics/dossier/contribution.ts said
 * in SQL; a property test compares the two, so that number and list cannot disagree.
 */
import type { ExplainedItem } from '#contract/figures.ts';
import { Fault } from '#contract/faults.ts';
import type { Explainable, TreeOfList } from '#contract/vocabulary.ts';
import { cases, dossiers, EARLY, open, ratings, running, tickets, within, type Definition, type Source, TYPED } from './definition.ts';
import { dayOf } from '#analytics/time/localDay.ts';
import { behindThen } from './behindThen.ts';
import type { FigureParts } from './getKpis.ts';
import { LISTS_OF_DOCUMENTS } from './listsOfDocuments.ts';
import { byDeadlines, type Period } from './period.ts';

const WAITING = 'day = ($4 AT TIME ZONE $6)::date AND issued_at <= $4 AND (waited_until IS NULL OR waited_until > $4)';
const WAITED = `issued_at IS NOT NULL AND ${within('waited_until')}`;
const WAIT = 'greatest(0, extract(epoch FROM waited_until - issued_at))';

export const DEFINITIONS: Record<Explainable, Definition> = {
  ...LISTS_OF_DOCUMENTS,
  received: dossiers(within('received_at'), 'received_at', 'Hồ sơ được tiếp nhận trong kỳ, tính theo ngày tiếp nhận.', 'Dossiers received in the period, by the day of receipt.'),
  resolved: dossiers(within('resolved_at'), 'resolved_at', 'Hồ sơ đã xử lý xong trong kỳ, tính theo ngày có kết quả.', 'Dossiers resolved in the period, by the day of the result.'),
  resolvedEarly: dossiers(`${within('resolved_at')} AND ${EARLY}`, 'resolved_at', 'Xử lý xong trước ngày hẹn trả.', 'Resolved on a day before the due day.'),
  resolvedOnTime: dossiers(`${within('resolved_at')} AND (due_at IS NULL OR resolved_at <= due_at) AND NOT ${EARLY}`, 'resolved_at', 'Xử lý xong trong ngày hẹn, hoặc không có hạn.', 'Resolved on the due day before the hour, or without a due time.'),
  resolvedLate: dossiers(`${within('resolved_at')} AND resolved_at > due_at`, 'resolved_at', 'Xử lý xong sau thời điểm hẹn trả (đã trừ thời gian tạm dừng).', 'Resolved after the due time (pauses taken off).'),
  refused: dossiers(within('refused_at'), 'refused_at', 'Hồ sơ không được tiếp nhận trong kỳ.', 'Dossiers refused in the period.'),
  withdrawn: dossiers(within('withdrawn_at'), 'withdrawn_at', 'Hồ sơ công dân yêu cầu rút trong kỳ.', 'Dossiers withdrawn in the period.'),
  pending: { ...dossiers(open, 'received_at', 'Hồ sơ đã tiếp nhận, chưa kết thúc tại thời điểm tính.', 'Received and not ended at the time of counting.', 'due_at NULLS LAST'), standing: true },
  pendingOverdue: { ...dossiers(`${running} AND due_at < $4`, 'received_at', 'Hồ sơ đang giải quyết đã quá thời điểm hẹn trả.', 'Pending and past its due time.', 'due_at'), standing: true },
  pendingDueSoon: { ...dossiers(`${running} AND due_at >= $4 AND due_at <= $5`, 'received_at', 'Hồ sơ đang giải quyết sắp đến hạn.', 'Pending and due soon.', 'due_at'), standing: true },
  pendingPaused: { ...dossiers(`${open} AND pauses @> $4::timestamptz`, 'received_at', 'Hồ sơ tạm dừng: chờ bổ sung giấy tờ hoặc nghĩa vụ tài chính.', 'Paused: a supplement or a fee is awaited.'), standing: true },
  receivedOnline: dossiers(`${within('received_at')} AND channel IN ('online_full', 'online_partial')`, 'received_at', 'Hồ sơ tiếp nhận trực tuyến (toàn trình và một phần).', 'Received online (in full or in part).'),
  digitized: dossiers(`${within('received_at')} AND facts @> '{"digitized": true}'`, 'received_at', 'Hồ sơ tiếp nhận trong kỳ đã được số hóa.', 'Received in the period and digitised.'),
  electronicResult: dossiers(`${within('resolved_at')} AND facts @> '{"electronicResult": true}'`, 'resolved_at', 'Hồ sơ có kết quả điện tử.', 'With an electronic result.'),
  paidOnline: dossiers(`${within('received_at')} AND facts @> '{"feeRequired": true, "paidOnline": true}'`, 'received_at', 'Hồ sơ có phí đã thanh toán trực tuyến.', 'With a fee that was paid online.'),
  outOfBoundary: dossiers(`${within('received_at')} AND receiving_unit IS NOT NULL AND receiving_unit <> unit`, 'received_at', 'Hồ sơ tiếp nhận phi địa giới hành chính.', 'Taken at a desk other than the competent unit\'s.'),
  apologies: { ...dossiers(within('letter'), 'letter', 'Phiếu xin lỗi và hẹn lại ngày trả kết quả trong kỳ; một hồ sơ có thể có nhiều phiếu.', 'Letters of apology in the period; a dossier may have several.'), rows: '(SELECT d.*, letter FROM dossiers d, unnest(d.apologies) letter) dossiers' },
  served: tickets(within('served_at'), 'served_at', 'Lượt đã phục vụ trong kỳ.', 'Tickets served in the period.'),
  noShow: tickets(`${within('no_show_at')} AND served_at IS NULL`, 'no_show_at', 'Vắng mặt khi gọi số.', 'Called and not there.'),
  waiting: { ...tickets(WAITING, 'issued_at', 'Số thứ tự đang chờ được gọi.', 'Tickets waiting to be called.'), standing: true },
  longestWait: { ...tickets(WAITING, 'issued_at', 'Số thứ tự đang chờ, chờ lâu nhất trước.', 'Tickets waiting to be called, the longest wait first.', 'issued_at'), standing: true },
  averageWait: tickets(WAITED, 'waited_until', 'Các lượt hết chờ trong kỳ (được gọi, phục vụ hoặc vắng), chờ lâu nhất trước; trung bình của chúng là số liệu.', 'Tickets whose waiting ended in the period (called, served or missed), the longest wait first; the figure is their mean.', `${WAIT} DESC`),
  p90Wait: tickets(`${WAITED} AND ${WAIT} >= (SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY ${WAIT}) FROM tickets WHERE unit = ANY($1) AND ${WAITED})`, 'waited_until', 'Một phần mười số lượt chờ lâu nhất trong kỳ; số liệu là mức chờ ngắn nhất trong số đó.', 'The tenth of tickets that waited longest in the period; the figure is where they begin.', `${WAIT} DESC`),
  openCounters: { ...tickets(`counter IS NOT NULL AND called_at IS NOT NULL AND last_at > $4::timestamptz - interval '30 minutes' AND last_at <= $4`, 'last_at', 'Các lượt được gọi hoặc phục vụ trong 30 phút gần nhất: quầy của chúng là quầy đang mở.', 'Tickets called or served within the last 30 minutes: their counters are open.'), standing: true },
  responses: ratings('true', 'Lượt đánh giá trong kỳ.', 'Ratings in the period.'),
  satisfied: ratings('rating >= 4', 'Đánh giá hài lòng và rất hài lòng (4, 5).', 'Ratings of 4 and 5.'),
  dissatisfied: ratings('rating <= 2', 'Đánh giá không hài lòng (1, 2).', 'Ratings of 1 and 2.'),
  dissatisfiedByFault: ratings('rating <= 2 AND fault', 'Không hài lòng do lỗi của bộ phận.', 'Dissatisfied through a fault of the desk.'),
  feedbackReceived: cases(within('received_at'), 'received_at', 'Phản ánh, kiến nghị tiếp nhận trong kỳ.', 'Feedback cases received in the period.'),
  feedbackResolved: cases(within('resolved_at'), 'resolved_at', 'Phản ánh, kiến nghị đã xử lý trong kỳ.', 'Feedback cases resolved in the period.'),
  feedbackPending: { ...cases('received_at <= $4 AND (resolved_at IS NULL OR resolved_at > $4)', 'received_at', 'Phản ánh, kiến nghị đang xử lý.', 'Feedback cases not yet resolved.'), standing: true },
  feedbackPendingOverdue: { ...cases('received_at <= $4 AND (resolved_at IS NULL OR resolved_at > $4) AND due_at < $4', 'received_at', 'Phản ánh, kiến nghị quá hạn xử lý.', 'Feedback cases past their due time.'), standing: true },
};

/** The columns of each source under the names of the answer. */
const COLUMNS: Record<Source, string> = {
  dossiers: `'dossier' AS kind, code AS id, unit, counter, procedure, status, received_at, due_at AS "due_at", resolved_at, NULL::int AS rating, dossiers.due_at AS corrected_due_at, reported_due_at, reported_calendar IS NOT NULL AND reported_due_at IS DISTINCT FROM dossiers.due_at AS corrected,
    CASE WHEN resolved_at IS NOT NULL THEN CASE WHEN resolved_at > due_at THEN 'late' WHEN ${EARLY} THEN 'early' ELSE 'on_time' END
         WHEN closed_at IS NOT NULL THEN status WHEN paused_since IS NOT NULL THEN 'paused' WHEN due_at < $4 THEN 'overdue' WHEN due_at <= $5 THEN 'due_soon' ELSE 'pending' END AS outcome, NULL::int AS wait_seconds`,
  tickets: `'ticket' AS kind, ticket AS id, unit, counter, procedure, CASE WHEN served_at IS NOT NULL THEN 'served' WHEN no_show_at IS NOT NULL THEN 'no_show' WHEN called_at IS NOT NULL THEN 'called' ELSE 'issued' END AS status,
    issued_at AS received_at, NULL::timestamptz AS due_at, served_at AS resolved_at, NULL::int AS rating, NULL AS outcome,
    CASE WHEN issued_at IS NOT NULL THEN round(greatest(0, extract(epoch FROM least(waited_until, $4::timestamptz) - issued_at)))::int END AS wait_seconds`,
  surveys: `'rating' AS kind, coalesce(dossier, event_id) AS id, unit, counter, NULL AS procedure, channel AS status, NULL::timestamptz AS received_at, NULL::timestamptz AS due_at, NULL::timestamptz AS resolved_at, rating::int,
    CASE WHEN fault THEN 'fault' ELSE array_to_string(reasons, ', ') END AS outcome, NULL::int AS wait_seconds`,
  feedback_cases: `'case' AS kind, code AS id, unit, NULL AS counter, NULL AS procedure, status, received_at, due_at, resolved_at, NULL::int AS rating, category AS outcome, NULL::int AS wait_seconds`,
};

interface ItemRow extends Record<string, unknown> { kind: ExplainedItem['kind']; id: string; unit: string; counter: string | null; procedure: string | null; status: string; outcome: string | null; received_at: Date | null; due_at: Date | null; resolved_at: Date | null; moment: Date; rating: number | null; wait_seconds: number | null; simulated: boolean; corrected?: boolean; corrected_due_at?: Date | null; reported_due_at?: Date | null }

export async function explainKpi({ database, units, zone, soonUntil, procedureName }: FigureParts, name: Explainable, unit: string, period: Period, limit: number, offset: number, tree: TreeOfList = 'as_of_date') {
  const definition = DEFINITIONS[name];
  const rows = definition.rows ?? definition.from;
  // «whole»: as indicators and scores are counted, by the codes whose work the unit of today has.
  const then = units.history.dated && tree !== 'whole' ? behindThen(units, unit, period, tree, zone, definition) : null;
  if (tree === 'whole' && !units.tree.has(unit)) throw new Fault('not_found');
  const codes = then?.codes ?? units.tree.under(unit);
  const values = [codes, period.start, period.end, period.asOf, soonUntil(period.asOf), zone.name];
  // As first reported: another deadline in the condition, the order and the outcome.
  const by = (sql: string) => (definition.from === 'dossiers' ? byDeadlines(sql, period.deadlines) : sql);
  const where = by(`unit = ANY($1) AND ${definition.where} AND ${TYPED}${then?.where ?? ''}`);
  const [found, count] = await Promise.all([
    database.query<ItemRow>(`SELECT ${by(COLUMNS[definition.from])}, ${definition.at} AS moment, simulated FROM ${rows} WHERE ${where} ORDER BY ${by(definition.order)}, id LIMIT $7 OFFSET $8`, [...values, limit, offset]),
    database.query<{ n: number }>(`SELECT count(*) AS n FROM ${rows} WHERE ${where}`, values),
  ]);
  const total = count.rows[0]?.n ?? 0;
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    name, unit, from: period.from, to: period.to, total, definition: { vi: definition.vi, en: definition.en },
    next: offset + found.rows.length < total ? String(offset + found.rows.length) : null,
    items: found.rows.map((row): ExplainedItem => ({
      kind: row.kind, id: row.id, unit: row.unit, unitName: units.history.dated ? units.nameOf(row.unit, dayOf(row.moment.getTime(), zone)) : units.nameOf(row.unit), counter: row.counter,
      procedure: row.procedure === null ? null : procedureName(row.procedure) ?? row.procedure, status: row.status, outcome: row.outcome,
      receivedAt: iso(row.received_at), dueAt: iso(row.due_at), resolvedAt: iso(row.resolved_at), correction: row.corrected ? { reported: iso(row.reported_due_at ?? null), corrected: iso(row.corrected_due_at ?? null) } : null, at: row.moment.toISOString(), rating: row.rating, waitSeconds: row.wait_seconds, simulated: row.simulated,
    })),
  };
}

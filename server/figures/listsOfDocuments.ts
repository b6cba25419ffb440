/**
 * Lists that only the indicators of the planning documents and the scores ask for. Figure and list come from the one
 * condition (countLists.ts counts by it), so that they cannot disagree. Source: requirements K1–K47; the formulas of
 * Decision 766/QĐ-TTg as described in docs/design/scores.md.
 */
import type { DocumentList } from '#contract/vocabulary.ts';
import { cases, dossiers, running, within, type Definition } from './definition.ts';

const fact = (name: string) => `facts @> '{"${name}": true}'`;
const told = (name: string) => `${within('received_at')} AND facts ? '${name}'`;
const OF_FULL = `${within('received_at')} AND procedure IN (SELECT code FROM procedures WHERE online = 'full')`;
const LATE = `((${within('resolved_at')} AND resolved_at > due_at) OR (${running} AND due_at < $4))`;

/** What mixes what happened with what is open belongs to who has the work at the end of the period. */
const standing = (definition: Definition): Definition => ({ ...definition, standing: true });

/** Decision 766, 2.1: all that were received or ended in the period. */
const HANDLED = `received_at IS NOT NULL AND ((${within('received_at')}) OR (${within('closed_at')}))`;
/** Its own clock: the end, else the request that it waits for, else the time of counting; more than one request for a supplement is late. */
const END = '(CASE WHEN closed_at <= $4 THEN closed_at WHEN pauses @> $4::timestamptz THEN (SELECT min(lower(p)) FROM unnest(pauses) p WHERE p @> $4::timestamptz) ELSE $4 END)';
const IN_TIME = `(supplements <= 1 AND (due_at IS NULL OR ${END} <= due_at))`;
const DISLIKED = `(EXISTS (SELECT FROM surveys s WHERE s.dossier = dossiers.code AND s.rating <= 2 AND s.at >= $2 AND s.at < $3) OR EXISTS (SELECT FROM feedback_cases f WHERE f.dossier = dossiers.code AND f.received_at >= $2 AND f.received_at < $3))`;

const CASES = `((${within('received_at')}) OR (${within('resolved_at')}))`;
const CASE_IN_TIME = '(due_at IS NULL OR CASE WHEN resolved_at <= $4 THEN resolved_at ELSE $4 END <= due_at)';
const CONTENT = `(satisfied IS DISTINCT FROM false AND NOT reopened AND ${CASE_IN_TIME})`;
const HOTLINE = `${within('received_at')} AND channel = 'hotline_1022'`;

export const LISTS_OF_DOCUMENTS: Record<DocumentList, Definition> = {
  feeRequired: dossiers(`${within('received_at')} AND ${fact('feeRequired')}`, 'received_at', 'Hồ sơ tiếp nhận trong kỳ có phí, lệ phí.', 'Received in the period with a fee.'),
  receivedOnlineFull: dossiers(`${within('received_at')} AND channel = 'online_full'`, 'received_at', 'Hồ sơ tiếp nhận trực tuyến toàn trình.', 'Received online in full.'),
  receivedByPost: dossiers(`${within('received_at')} AND channel = 'postal'`, 'received_at', 'Hồ sơ tiếp nhận qua bưu chính công ích.', 'Received by public post.'),
  resultByPost: dossiers(`${within('resolved_at')} AND ${fact('resultByPost')}`, 'resolved_at', 'Hồ sơ trả kết quả qua bưu chính công ích.', 'With the result returned by public post.'),
  certifiedCopies: dossiers(`${within('received_at')} AND ${fact('certifiedCopy')}`, 'received_at', 'Hồ sơ chứng thực bản sao điện tử.', 'With a certified electronic copy.'),
  digitizedWhole: dossiers(`${within('resolved_at')} AND ${fact('digitized')} AND ${fact('electronicResult')}`, 'resolved_at', 'Hồ sơ đã xử lý xong được số hóa cả thành phần và kết quả.', 'Resolved, with papers and result digitised.'),
  dataReused: dossiers(`${within('received_at')} AND ${fact('dataReused')}`, 'received_at', 'Hồ sơ có khai thác, sử dụng lại dữ liệu số hóa.', 'Received with data used again.'),
  personalStore: dossiers(`${within('received_at')} AND ${fact('personalStore')}`, 'received_at', 'Hồ sơ có giấy tờ trong kho dữ liệu cá nhân.', 'With papers of the citizen\'s own store.'),
  identityVerified: dossiers(`${within('received_at')} AND ${fact('identityVerified')}`, 'received_at', 'Hồ sơ xác thực với dữ liệu dân cư (VNeID).', 'Checked against the population data.'),
  dataReusedTold: dossiers(told('dataReused'), 'received_at', 'Hồ sơ tiếp nhận trong kỳ có thông tin về sử dụng lại dữ liệu.', 'Received, with word of whether data was used again.'),
  personalStoreTold: dossiers(told('personalStore'), 'received_at', 'Hồ sơ tiếp nhận trong kỳ có thông tin về kho dữ liệu cá nhân.', 'Received, with word of the personal store.'),
  identityVerifiedTold: dossiers(told('identityVerified'), 'received_at', 'Hồ sơ tiếp nhận trong kỳ có thông tin về xác thực dân cư.', 'Received, with word of the check against the population data.'),
  receivedOfFull: dossiers(OF_FULL, 'received_at', 'Hồ sơ tiếp nhận của thủ tục cung cấp trực tuyến toàn trình.', 'Received of procedures that are offered online in full.'),
  fullOnlineOfFull: dossiers(`${OF_FULL} AND channel = 'online_full'`, 'received_at', 'Trong đó nộp trực tuyến toàn trình.', 'Of them submitted online in full.'),
  lateAll: standing(dossiers(LATE, 'received_at', 'Hồ sơ xử lý xong quá hạn trong kỳ và hồ sơ đang quá hạn.', 'Resolved late in the period, and overdue now.', 'due_at')),
  lateApologised: standing(dossiers(`${LATE} AND cardinality(apologies) > 0`, 'received_at', 'Hồ sơ quá hạn đã có phiếu xin lỗi.', 'Late, with a letter of apology.', 'due_at')),
  lateWithoutApology: standing(dossiers(`${LATE} AND cardinality(apologies) = 0`, 'received_at', 'Hồ sơ quá hạn chưa có phiếu xin lỗi.', 'Late, without a letter of apology.', 'due_at')),
  handled766: standing(dossiers(HANDLED, 'received_at', 'Hồ sơ tiếp nhận hoặc kết thúc trong kỳ (Quyết định 766).', 'Received or ended in the period (Decision 766).')),
  inTime766: standing(dossiers(`${HANDLED} AND ${IN_TIME}`, 'received_at', 'Trong đó đúng hạn theo cách tính của Quyết định 766.', 'Of them in time by the clock of Decision 766.')),
  late766: standing(dossiers(`${HANDLED} AND NOT ${IN_TIME}`, 'received_at', 'Quá hạn theo Quyết định 766: kể cả hồ sơ yêu cầu bổ sung quá một lần.', 'Late by Decision 766, with those asked for a supplement more than once.', 'due_at')),
  disliked766: standing(dossiers(`${HANDLED} AND ${DISLIKED}`, 'received_at', 'Hồ sơ có đánh giá không hài lòng hoặc có phản ánh, kiến nghị trong kỳ.', 'With a bad rating or a feedback case in the period.')),
  fewSupplements: dossiers(`${within('resolved_at')} AND supplements <= 1`, 'resolved_at', 'Đã xử lý xong, yêu cầu bổ sung không quá một lần.', 'Resolved with at most one request for a supplement.'),
  manySupplements: dossiers(`${within('resolved_at')} AND supplements > 1`, 'resolved_at', 'Đã xử lý xong, yêu cầu bổ sung quá một lần.', 'Resolved with more than one request for a supplement.'),
  feedbackResolvedOnTime: cases(`${within('resolved_at')} AND (due_at IS NULL OR resolved_at <= due_at)`, 'received_at', 'Phản ánh, kiến nghị xử lý đúng hạn trong kỳ.', 'Cases resolved in time.'),
  feedbackResolvedLate: cases(`${within('resolved_at')} AND resolved_at > due_at`, 'received_at', 'Phản ánh, kiến nghị xử lý quá hạn trong kỳ.', 'Cases resolved late.'),
  feedbackWithoutDue: cases(`${within('resolved_at')} AND due_at IS NULL`, 'received_at', 'Phản ánh, kiến nghị xử lý xong trong kỳ mà nguồn không gửi hạn: tính là đúng hạn.', 'Resolved in the period, of which the source told no due time: counted as in time.'),
  feedbackRated: cases(`${within('resolved_at')} AND satisfied IS NOT NULL`, 'received_at', 'Phản ánh, kiến nghị đã xử lý trong kỳ có đánh giá của người dân.', 'Cases resolved in the period with an opinion.'),
  feedbackSatisfied: cases(`${within('resolved_at')} AND satisfied`, 'received_at', 'Phản ánh, kiến nghị người dân hài lòng với kết quả xử lý.', 'Cases whose citizen is satisfied with the answer.'),
  hotlineReceived: cases(HOTLINE, 'received_at', 'Phản ánh qua Tổng đài 1022 tiếp nhận trong kỳ.', 'Hotline cases received in the period.'),
  hotlineResolved: cases(`${HOTLINE} AND resolved_at <= $4`, 'received_at', 'Trong đó đã xử lý.', 'Of them resolved.'),
  cases766: standing(cases(CASES, 'received_at', 'Phản ánh, kiến nghị tiếp nhận hoặc xử lý trong kỳ.', 'Cases received or resolved in the period.')),
  casesInTime766: standing(cases(`${CASES} AND ${CASE_IN_TIME}`, 'received_at', 'Trong đó đúng hạn, hoặc đang xử lý còn trong hạn.', 'Of them in time, or still within their time.')),
  casesLate766: standing(cases(`${CASES} AND NOT ${CASE_IN_TIME}`, 'received_at', 'Phản ánh, kiến nghị quá hạn.', 'Cases past their time.')),
  casesWithoutDue766: standing(cases(`${CASES} AND due_at IS NULL`, 'received_at', 'Phản ánh, kiến nghị tiếp nhận hoặc xử lý trong kỳ mà nguồn không gửi hạn: tính là đúng hạn.', 'Received or resolved in the period without a due time: counted as in time.')),
  casesContent766: standing(cases(`${CASES} AND ${CONTENT}`, 'received_at', 'Không bị đánh giá không hài lòng, không quá hạn, không phải xử lý lại.', 'Neither disliked nor late nor opened again.')),
  casesDiscontent766: standing(cases(`${CASES} AND NOT ${CONTENT}`, 'received_at', 'Bị đánh giá không hài lòng, quá hạn hoặc phải xử lý lại.', 'Disliked, late or opened again.')),
};

/** Words of the sources → ours. `assumed`: the word says less than ours does, a person should look at it. */
import type { ImportKind } from './headings.ts';
import { fold } from './text.ts';

export interface Meaning { word: string; assumed: boolean }
type Rule = readonly [pattern: RegExp, word: string, assumed?: true];

const STATUS: Readonly<Record<ImportKind, readonly Rule[]>> = {
  // What is not yet comes before what is: «chờ trả kết quả» is no «đã trả kết quả».
  dossiers: [
    [/^(chua|cho|dang cho) (tra|nhan|giao)( ket qua| kq)?/, 'resolved'], [/^(chua|cho|dang cho) (duoc )?tiep nhan|^moi (dang ky|nop|gui)|^(registered|submitted|new)$|^da (nop|gui)( truc tuyen)?$/, 'registered'],
    [/tu choi|khong (duoc )?tiep nhan|khong (du dieu kien|giai quyet|phe duyet)|tra lai( ho so)?$|^(refused|rejected|denied|declined)$/, 'refused'], [/\brut\b|^withdrawn$/, 'withdrawn'],
    [/^(da|nhan) (nhan )?bo sung|^da nop bo sung|^nhan ho so bo sung|^supplement( |_)?received$/, 'supplement_received'], [/bo sung|^supplement|^(incomplete|on hold|pending documents)$/, 'supplement_requested'],
    [/^da (thanh toan|nop (phi|le phi|tien)|thuc hien nghia vu tai chinh)|^(fee )?paid$/, 'fee_paid'], [/nghia vu tai chinh|(cho|yeu cau) (thanh toan|nop (phi|le phi|tien)|dong phi)|^fee( |_)?requested$/, 'fee_requested'],
    [/^(dung|huy|da huy|dung xu ly)\b|dinh chi|^(stopped|cancell?ed)$/, 'stopped'], [/tam dung/, 'stopped', true],
    [/^(da )?(tra|giao|nhan) (ket qua|kq)|^da tra\b|^(returned|delivered)$/, 'returned'], [/xu ly xong|da (co ket qua|co kq|giai quyet|hoan thanh|xu ly|duyet|phe duyet|ky|ban hanh)|^(hoan thanh|hoan tat|ket thuc|co ket qua)|^da ket thuc|^(resolved|completed|complete|closed|done|finished|approved)$/, 'resolved'],
    [/^(da |duoc |moi )?tiep nhan|^(da )?nhan ho so$|^(received|accepted)$/, 'received'], [/dang|chuyen|tham dinh|trinh|phan cong|thu ly|xac minh|^xu ly$|^(processing|in progress|in review|open|pending)$/, 'processing'],
  ],
  queue: [[/cap so|lay so|phat so|^(dang )?cho\b|^(issued|waiting|printed)$/, 'issued'], [/^chuyen|^da chuyen|^transferred$/, 'transferred'], [/vang|khong (den|co mat)|bo qua|bo luot|^huy|^(no( |_)?show|skipped|absent|cancell?ed)$/, 'no_show'], [/hoan thanh|^xong|da (phuc vu|xong|giao dich)|ket thuc|^(served|completed|finished|done)$/, 'served'], [/goi|dang (phuc vu|giao dich)|^(called|serving)$/, 'called']],
  surveys: [],
  feedback: [[/mo lai|xu ly lai|^reopened$/, 'reopened'], [/^(chua|cho) (tiep nhan|xu ly)|tiep nhan|^moi|^(received|new|open|created)$/, 'received'], [/da (xu ly|tra loi|giai quyet|hoan thanh|phan hoi|dong|ket thuc)|^(hoan thanh|ket thuc|dong)|^(resolved|answered|closed|done)$/, 'resolved'], [/chuyen|phan cong|dang|^giao|^(assigned|processing|in progress)$/, 'assigned']],
};
const CHANNEL: readonly Rule[] = [
  [/toan trinh|muc( do)? 4|^online( |_)?full$/, 'online_full'], [/mot phan|muc( do)? 3|^online( |_)?partial$/, 'online_partial'], [/buu chinh|bcci|buu dien|vnpost|^post(al)?$|^mail$/, 'postal'],
  [/^e ?mail$|thu dien tu/, 'online_partial', true], [/truc tuyen|online|internet|qua mang|cong dich vu|dvcqg|^web/, 'online_full', true], [/truc tiep|mot cua|tai (quay|bo phan|cho|trung tam)|^(desk|counter|in( |_)?person|front desk)$/, 'in_person'],
];
const SURVEY_SOURCE: readonly Rule[] = [[/zalo/, 'zalo'], [/sms|tin nhan/, 'sms'], [/may tinh bang|tablet|kiosk|man hinh|tai quay/, 'tablet'], [/dien thoai|goi|phone|call/, 'phone'], [/cong|portal|web|truc tuyen|online/, 'portal']];
const FEEDBACK_SOURCE: readonly Rule[] = [[/1022|duong day nong|hotline|tong dai/, 'hotline_1022'], [/quoc gia|chinh phu|national/, 'national_portal'], [/cong.*tinh|tinh$|provincial|hien truong|dia phuong/, 'provincial_portal'], [/khac|zalo|facebook|e ?mail|truc tiep|buu|other|app/, 'other', true]];
const RATING: readonly Rule[] = [[/^rat (khong hai long|kem|te)|^(very dissatisfied|very bad)$/, '1'], [/^(khong|chua) hai long|^(kem|te)$|^(dissatisfied|bad)$/, '2'], [/^binh thuong|^trung binh|^tam (duoc|on)|^(neutral|average|fair)$/, '3'], [/^rat (hai long|tot)|^(xuat sac|tuyet voi)|^(very satisfied|excellent)$/, '5'], [/^hai long|^(tot|kha)$|^(satisfied|good)$/, '4'], [/^([1-5])( sao| diem| tren 5| 5| stars?)?$/, '$1']];
const FLAG: readonly Rule[] = [[/^(khong|chua|no|false|ko|k)\b|^0$/, 'false'], [/^(co|da|duoc|yes|true|x|dung|hai long|rat hai long|v)\b|^1$/, 'true']];

function tableOf(kind: ImportKind, role: string): readonly Rule[] | null {
  if (role === 'status') return STATUS[kind];
  if (role === 'channel') return CHANNEL;
  if (role === 'source') return kind === 'surveys' ? SURVEY_SOURCE : FEEDBACK_SOURCE;
  if (role === 'rating') return RATING;
  return role.startsWith('facts.') || role === 'fault' || role === 'satisfied' ? FLAG : null;
}
export const hasWords = (kind: ImportKind, role: string): boolean => tableOf(kind, role) !== null;

/** Our word for a text of the source; null when it is not known. */
export function meaningOf(kind: ImportKind, role: string, text: string): Meaning | null {
  const folded = fold(text);
  for (const [pattern, word, assumed] of tableOf(kind, role) ?? []) {
    const match = pattern.exec(folded);
    if (match) return { word: word.replace('$1', match[1] ?? ''), assumed: assumed === true };
  }
  return null;
}

/** What the headings of exports mean, by kind of data. The first pattern of a role that fits counts; the number is how sure it is. */
import { IMPORT_KINDS, type ImportKind } from '#contract/imports.ts';

export type { ImportKind };
export const isImportKind = (kind: string): kind is ImportKind => (IMPORT_KINDS as readonly string[]).includes(kind);
/** What a column is judged by, besides its heading. */
export type Shape = 'code' | 'time' | 'word' | 'unit' | 'procedure' | 'rating' | 'flag' | 'text';
export interface Role { name: string; shape: Shape; patterns: readonly (readonly [RegExp, number])[] }
const role = (name: string, shape: Shape, ...patterns: (readonly [RegExp, number])[]): Role => ({ name, shape, patterns });

const CODE = '(?:ma|so|ma so|so hieu|stt ho so|so ma)';
const DAY = '(?:(?:ngay|thoi gian|thoi diem|gio|ngay gio|tg)(?: gio| thoi gian)? )';
const unit = role('unit', 'unit', [/^ma (don vi|co quan|xa|phuong|dia ban)( .*)?$/, 1], [/^(ten )?(don vi|co quan)( (xu ly|giai quyet|thu ly|tiep nhan xu ly|tiep nhan|chu tri|phu trach|duoc danh gia|bi phan anh))?$/, 0.95], [/^(noi|bo phan)( (tiep nhan|xu ly|giai quyet|mot cua).*)?$/, 0.8], [/^(unit|office|agency|department)( (code|ma|name))?$/, 0.95], [/^(xa phuong|phuong xa|dia ban)$/, 0.7], [/^case department$/, 0.3]);
const procedure = role('procedure', 'procedure', [/^(ma )(so )?(thu tuc|dich vu cong|dich vu)( hanh chinh)?$/, 1], [/^(ten )?thu tuc( hanh chinh)?$/, 0.9], [/^(procedure|service)( (code|ma|name))?$/, 0.95], [/^(linh vuc thu tuc|ten dich vu( cong)?|dich vu cong|loai dich vu|nghiep vu)$/, 0.7]);
const counter = role('counter', 'text', [/^(so |ma |ten )?(quay|o cua|ban)( so| tiep nhan| giao dich| phuc vu)?$/, 0.95], [/^(counter|desk|window)( (ma|no|number|name))?$/, 0.95]);
const eventId = role('eventId', 'code', [/^(ma|so) (su kien|giao dich|ban ghi|phieu|luot|danh gia|phieu danh gia|phieu khao sat)$/, 0.9], [/^(event|transaction|record|response|survey)( (ma|no|key))?$/, 0.8], [/^concept instance$/, 0.95], [/^ma$/, 0.45]);
const dueAt = role('dueAt', 'time', [new RegExp(`^(${DAY})?(hen tra|hen|han tra|han xu ly|han giai quyet|den han|han tra loi|han hoan thanh|phai tra)( ket qua| ho so| nguoi dan)*( du kien)?$`), 1], [/^(han|thoi han)( tra| xu ly| giai quyet)?( ket qua)?$/, 0.75], [/^(due|deadline|due date|due at|case deadline|promised( date)?)$/, 0.95]);
const at = role('at', 'time', [new RegExp(`^${DAY}(su kien|cap nhat|chuyen trang thai|thay doi trang thai|thuc hien|phat sinh|danh gia|khao sat|gui danh gia|gui)( .*)?$`), 0.9], [/^(time timestamp|timestamp|event time|at|time|date|datetime|updated at|created at)$/, 0.85], [/^(ngay|thoi gian|thoi diem|ngay gio|ngay thang)$/, 0.7]);
const status = role('status', 'word', [/^(ma |ten )?(trang thai|tinh trang|tien do)( ho so| xu ly| giai quyet| hien tai| phieu| phan anh)*$/, 0.95], [/^(status|state|activity)$/, 0.95], [/^ket qua( xu ly| giai quyet)?( ho so)?$/, 0.7], [/^(buoc|buoc xu ly|hanh dong|thao tac)$/, 0.6]);
const time = (name: string, words: string, english: RegExp) => role(name, 'time', [new RegExp(`^${DAY}?(${words})( ho so| phieu)?$`), 1], [english, 0.95]);
const source = role('source', 'word', [/^(nguon|kenh|hinh thuc|phuong thuc)( tiep nhan| phan anh| danh gia| gui| khao sat)*$/, 0.9], [/^(source|channel)$/, 0.95]);

export const ROLES: Readonly<Record<ImportKind, readonly Role[]>> = {
  dossiers: [
    role('dossier', 'code', [new RegExp(`^${CODE} (ho so|bien nhan|bien nhan ho so|giay hen|phieu tiep nhan|ho so bien nhan)( .*)?$`), 1], [/^so bien nhan$/, 1], [/^(dossier|application|case|file)( (ma|code|no|number|concept name))?$/, 1], [/^ho so$/, 0.7], [/^ma so?$/, 0.5]),
    eventId, status, at,
    role('receivedAt', 'time', [new RegExp(`^${DAY}?(tiep nhan|nhan|nop|nhan ho so|nop ho so)( ho so)?$`), 1], [/^(received|received at|received date|date received|submitted( at| date)?|case startdate|start ?date)$/, 0.95]),
    time('supplementRequestedAt', 'yeu cau bo sung|thong bao bo sung|de nghi bo sung', /^supplement requested( at| date)?$/),
    time('supplementReceivedAt', 'nhan bo sung|da bo sung|bo sung|nop bo sung|nhan ho so bo sung', /^supplement received( at| date)?$/),
    time('feeRequestedAt', 'yeu cau (nop phi|thanh toan|nghia vu tai chinh|thuc hien nghia vu tai chinh)', /^fee requested( at| date)?$/),
    time('feePaidAt', 'nop phi|thanh toan|nop le phi|da thanh toan|thuc hien nghia vu tai chinh', /^(fee paid|paid)( at| date)?$/),
    time('resolvedAt', 'ket thuc|ket thuc xu ly|hoan thanh|co ket qua|xu ly xong|giai quyet|giai quyet xong|hoan tat|ket qua', /^(resolved|completed|closed|finished)( at| date)?$|^case enddate$|^end ?date$/),
    time('returnedAt', 'tra|tra ket qua|da tra|tra ket qua thuc te|tra thuc te|thuc tra|nhan ket qua', /^(returned|delivered)( at| date)?$/),
    dueAt, role('newDueAt', 'time', [new RegExp(`^${DAY}?(hen lai|gia han|gia han den|hen tra lai)( ket qua)?$`), 0.95], [/^new due( at| date)?$/, 0.95]),
    unit, role('receivingUnit', 'unit', [/^(ma |ten )?(don vi|co quan|noi) (tiep nhan|nhan)( ho so)?$/, 0.97], [/^receiving unit$/, 0.95]), procedure,
    role('channel', 'word', [/^(hinh thuc|kenh|phuong thuc|cach thuc|loai|nguon)( (nop|tiep nhan|nhan|gui|ho so))*$/, 0.95], [/^(muc do|muc do (dich vu cong|truc tuyen))$/, 0.7], [/^(channel|case channel|submission channel)$/, 0.95]),
    counter,
    role('facts.digitized', 'flag', [/^(da |duoc )?so hoa( ho so| thanh phan ho so)?$/, 0.95], [/^digiti[sz]ed$/, 0.95]), role('facts.paidOnline', 'flag', [/^(da )?thanh toan truc tuyen$/, 0.95], [/^paid online$/, 0.95]),
    role('facts.feeRequired', 'flag', [/^(co |phai )(thu |nop )?(phi|le phi|phi le phi|phi le phi)$/, 0.9], [/^fee required$/, 0.95]), role('facts.electronicResult', 'flag', [/^(co )?(ket qua dien tu|tra ket qua dien tu)$/, 0.95], [/^electronic result$/, 0.95]),
    role('facts.resultByPost', 'flag', [/^(nhan|tra) ket qua (qua )?(buu chinh|buu dien|bcci)$/, 0.95], [/^result by post$/, 0.95]),
  ],
  queue: [
    role('ticket', 'code', [/^(so|so thu tu|ma)( phieu| ve| cho| thu tu| giao dich)*$/, 0.9], [/^(ticket|queue)( (ma|no|number))?$/, 1], [/^stt$/, 0.5]),
    role('eventId', 'code', [/^(ma|so) (su kien|giao dich|ban ghi|luot)$/, 0.95], [/^(event|transaction|record)( (ma|no|key))?$/, 0.9]), status, at,
    time('issuedAt', 'lay so|cap so|phat so|in phieu|lay phieu|cap phieu|den', /^(issued|arrived|printed)( at| time)?$/), time('calledAt', 'goi|goi so|bat dau|bat dau phuc vu|bat dau giao dich|vao quay', /^(called|started|start)( at| time)?$/),
    time('servedAt', 'ket thuc|ket thuc phuc vu|ket thuc giao dich|hoan thanh|phuc vu xong|xong', /^(served|finished|ended|end|completed)( at| time)?$/), unit, counter, procedure,
  ],
  surveys: [
    role('rating', 'rating', [/^(muc|muc do|diem|so diem|ket qua|so sao)?( )?(danh gia|hai long|sao|diem)( hai long| chung| danh gia)*$/, 0.95], [/^(muc|diem|so sao)$/, 0.8], [/^(rating|score|stars?|satisfaction)$/, 0.95]),
    eventId, at, unit, counter, source,
    role('dossier', 'code', [new RegExp(`^${CODE} (ho so|bien nhan|bien nhan ho so)$`), 1], [/^(dossier|application)( (ma|code|no))?$/, 0.95]), role('ticket', 'code', [/^(so thu tu|so phieu cho|so ve|so phieu goi)$/, 0.9], [/^ticket( (ma|no|number))?$/, 0.95]),
    role('reasons', 'text', [/^(cac )?(ly do|nguyen nhan|noi dung chua hai long|dieu chua hai long)( .*)?$/, 0.85], [/^reasons?$/, 0.95]), role('fault', 'flag', [/^(do )?(loi|loi cua)( (quay|can bo|cong chuc|bo phan))*$/, 0.85], [/^fault$/, 0.95]),
  ],
  feedback: [
    role('case', 'code', [/^(ma|so|ma so)( vu viec| phieu| phan anh| kien nghi| phan anh kien nghi| vu| tin)+$/, 1], [/^(case|ticket)( (ma|no|number))?$/, 0.95], [/^(ma|ma so)$/, 0.5]), role('eventId', 'code', [/^(ma|so) (su kien|ban ghi)$/, 0.95], [/^event( ma| no)?$/, 0.95]), status, at,
    time('receivedAt', 'tiep nhan|nhan|gui|phan anh|gui phan anh|tao', /^(received|created|opened)( at| date)?$/), time('assignedAt', 'chuyen|chuyen xu ly|phan cong|giao|giao xu ly|chuyen don vi', /^assigned( at| date)?$/),
    time('resolvedAt', 'tra loi|xu ly xong|hoan thanh|ket thuc|giai quyet|co ket qua|phan hoi|dong', /^(resolved|answered|closed)( at| date)?$/), time('reopenedAt', 'mo lai|xu ly lai', /^reopened( at| date)?$/), dueAt, unit, source,
    role('category', 'text', [/^(linh vuc|loai|chu de|nhom|chuyen muc|phan loai)( phan anh| kien nghi| noi dung)*$/, 0.9], [/^(category|topic|type)$/, 0.95]), role('satisfied', 'flag', [/^(muc do |danh gia |su )?hai long( .*)?$/, 0.9], [/^(danh gia|danh gia cua nguoi dan)$/, 0.6], [/^satisfied$/, 0.95]),
  ],
};

/** How a step whose day is a column of its own is called: role → our status, the end of its event's id. */
export const STEPS: Readonly<Record<ImportKind, Readonly<Record<string, readonly [status: string, id: string]>>>> = {
  dossiers: {
    receivedAt: ['received', 'tiep-nhan'], supplementRequestedAt: ['supplement_requested', 'yeu-cau-bo-sung'], supplementReceivedAt: ['supplement_received', 'nhan-bo-sung'], feeRequestedAt: ['fee_requested', 'yeu-cau-tai-chinh'], feePaidAt: ['fee_paid', 'da-nop-phi'],
    resolvedAt: ['resolved', 'ket-thuc'], returnedAt: ['returned', 'tra-ket-qua'], newDueAt: ['apology_sent', 'hen-lai'],
  },
  queue: { issuedAt: ['issued', 'cap-so'], calledAt: ['called', 'goi'], servedAt: ['served', 'xong'] },
  surveys: {},
  feedback: { receivedAt: ['received', 'tiep-nhan'], assignedAt: ['assigned', 'chuyen'], resolvedAt: ['resolved', 'tra-loi'], reopenedAt: ['reopened', 'mo-lai'] },
};
/** Without these no event is whole. `moment`: any column of a time. */
export const REQUIRED: Readonly<Record<ImportKind, readonly string[]>> = { dossiers: ['dossier', 'moment', 'unit', 'procedure'], queue: ['ticket', 'moment', 'unit'], surveys: ['rating', 'at', 'unit', 'source'], feedback: ['case', 'moment', 'unit', 'source'] };

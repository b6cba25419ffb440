/** Headings and cells as they are compared: without accents, in lower case, words apart, abbreviations written out. */
export const fold = (text: string): string => text.slice(0, 300).normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd')
  .replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim();

/** What one-stop offices write short in their headings. */
const SHORT: Readonly<Record<string, string>> = {
  hs: 'ho so', tn: 'tiep nhan', dv: 'don vi', xl: 'xu ly', gq: 'giai quyet', tthc: 'thu tuc', tt: 'thu tuc', kq: 'ket qua', yc: 'yeu cau', ycbs: 'yeu cau bo sung', bs: 'bo sung',
  pa: 'phan anh', pakn: 'phan anh kien nghi', gd: 'giao dich', ng: 'ngay', tg: 'thoi gian', cq: 'co quan', hschs: 'ho so', id: 'ma', sbn: 'so bien nhan', dvc: 'dich vu cong',
};
export const heading = (text: string): string => fold(text).split(' ').map((word) => SHORT[word] ?? word).join(' ');

/** One line for a comment, a log or a reason; a hostile heading stays a text. */
export const oneLine = (text: string, most = 60): string => {
  const line = text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

/** How a list behind a figure is said in SQL. $1 units, $2 start, $3 end (not included), $4 as of, $5 soon until, $6 zone. */
export type Source = 'dossiers' | 'tickets' | 'surveys' | 'feedback_cases';
export interface Definition { from: Source; where: string; /** The instant that leads to the recording; of what happened in the period, its own. */ at: string; /** Of the end of the period, not of an instant in it. */ standing?: true; /** The rows, where they are not those of the source. */ rows?: string; order: string; vi: string; en: string }

/** Every parameter is named, so that its type is known also where a condition does not use it. */
export const TYPED = '($2::timestamptz, $3::timestamptz, $4::timestamptz, $5::timestamptz, $6::text) IS NOT NULL';
export const within = (column: string) => `${column} >= $2 AND ${column} < $3`;
export const open = 'received_at <= $4 AND (closed_at IS NULL OR closed_at > $4)';
export const running = `${open} AND NOT pauses @> $4::timestamptz`;
export const EARLY = '(due_at IS NOT NULL AND resolved_at <= due_at AND (resolved_at AT TIME ZONE $6)::date < (due_at AT TIME ZONE $6)::date)';

export const dossiers = (where: string, at: string, vi: string, en: string, order = `${at} DESC`): Definition => ({ from: 'dossiers', where, at, order, vi, en });
export const tickets = (where: string, at: string, vi: string, en: string, order = `${at} DESC`): Definition => ({ from: 'tickets', where, at, order, vi, en });
export const ratings = (where: string, vi: string, en: string): Definition => ({ from: 'surveys', where: `${within('at')} AND ${where}`, at: 'at', order: 'at DESC', vi, en });
export const cases = (where: string, at: string, vi: string, en: string): Definition => ({ from: 'feedback_cases', where, at, order: `${at} DESC`, vi, en });

/**
 * Two accounts are not two people. What can be known of that is checked: each has a second factor of its own, neither is an
 * emergency account, and neither gave the other its way in of late. Two people who do it together, or one who holds the
 * telephones of both, stay undetected; so does who made the other account longer ago, or at the shell of the machine.
 */
import type { Queryable } from '../database/pool.ts';
import type { Session } from './session.ts';

/** Whoever made, invited or reset an account within this many days can still be who uses it. */
export const APART_DAYS = 30;

/** Null: as far as can be known this is a person who uses an account of their own. */
export function whyNotAPerson({ factor, breakGlass }: Pick<Session, 'factor' | 'breakGlass'>): string | null {
  if (breakGlass !== null) return 'an emergency account is nobody\'s own';
  return factor.enrolled || factor.byIssuer ? null : 'the account has no second factor of its own';
}

/** Null: neither made, invited or reset the other within the last days. */
export async function whyOnePerson(connection: Queryable, one: string, other: string, at: Date): Promise<string | null> {
  const found = (await connection.query<{ actor: string; subject: string }>(
    `SELECT actor, subject FROM audit_log WHERE at > $3 AND ((actor = $1 AND subject = $2) OR (actor = $2 AND subject = $1))
     AND (action IN ('user.create', 'user.invite', 'second-factor.reset') OR (action = 'user.change' AND detail->>'password' = 'true')) ORDER BY seq DESC LIMIT 1`,
    [one, other, new Date(at.getTime() - APART_DAYS * 86_400_000)])).rows[0];
  return found ? `${found.actor} made, invited or reset the account of ${found.subject} within the last ${APART_DAYS} days` : null;
}

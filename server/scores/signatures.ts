/** Rule sets that are from memory count only once a domain owner has signed their very text. */
import type { RuleSet } from '#config/scoring.ts';
import type { RuleSetAnswer, Score } from '#contract/scores.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';

interface Row extends Record<string, unknown> { rule_set: string; version: string; fingerprint: string; signed: boolean; by_whom: string; note: string; at: Date }
export type Signatures = ReadonlyMap<string, Row>;
const key = (set: Pick<RuleSet, 'id' | 'version'>) => `${set.id} ${set.version}`;

/** The latest word on each version. */
export async function readSignatures(database: Queryable): Promise<Signatures> {
  const found = await database.query<Row>('SELECT DISTINCT ON (rule_set, version) * FROM scoring_signatures ORDER BY rule_set, version, id DESC');
  return new Map(found.rows.map((row) => [`${row.rule_set} ${row.version}`, row]));
}

export function officialOf(set: RuleSet, signatures: Signatures): Pick<Score, 'official' | 'signature'> {
  const row = signatures.get(key(set));
  const holds = row?.signed === true && row.fingerprint === set.fingerprint;
  return { official: !set.needsSignature || holds, signature: row && holds ? { byWhom: row.by_whom, at: row.at.toISOString(), note: row.note } : null };
}

export function ruleSetAnswer(set: RuleSet, signatures: Signatures): RuleSetAnswer {
  const row = signatures.get(key(set));
  return {
    id: set.id, version: set.version, name: set.name, document: set.document, effective: set.effective, fingerprint: set.fingerprint, max: set.max, items: set.groups.reduce((sum, group) => sum + group.items.length, 0),
    unchecked: set.unchecked, uncheckedItems: set.groups.flatMap((group) => group.items.flatMap((item) => (item.unchecked ? [{ id: item.id, what: item.unchecked }] : []))),
    needsSignature: set.needsSignature, official: officialOf(set, signatures).official,
    signature: row ? { byWhom: row.by_whom, at: row.at.toISOString(), note: row.note, signed: row.signed, ofThisText: row.fingerprint === set.fingerprint } : null,
  };
}

export async function sign(database: Database, set: RuleSet, { signed, note, by, unit, at }: { signed: boolean; note: string; by: string; unit: string; at: Date }): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.query('INSERT INTO scoring_signatures (rule_set, version, fingerprint, signed, by_whom, note, at) VALUES ($1, $2, $3, $4, $5, $6, $7)', [set.id, set.version, set.fingerprint, signed, by, note, at]);
    await appendAudit(connection, { actor: by, action: signed ? 'scoring.sign' : 'scoring.withdraw', unit, subject: `${key(set)} ${set.fingerprint}`, detail: { note } }, at);
  });
}

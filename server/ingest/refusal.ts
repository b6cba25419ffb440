/** Why one event is refused: from the schema's findings to a code that a source's operator can act on. */
import type { z } from 'zod';
import type { FaultCode } from '#contract/faults.ts';
import { REFUSED_RULES, type RefusedRule } from '#contract/vocabulary.ts';

/** Which field breaks which rule of the event's form. */
export interface RefusedIssue { field: string; rule: RefusedRule }

export class Refusal extends Error {
  readonly code: FaultCode;
  readonly issue: RefusedIssue | null;
  constructor(code: FaultCode, message: string, issue: RefusedIssue | null = null) { super(message); this.code = code; this.issue = issue; }
}

/** Field names that carry a citizen's data, in the languages and spellings that sources use; compared without accents. */
const PERSONAL = /^(full|first|last|middle|display|nguoi.*|ho.*)?(name|ten|hoten|hovaten|tennguoi.*)$|^(ten|hoten|hovaten)|^(applicant|citizen|owner|submitter|person|customer|nguoinop|chuhoso|congdan|khachhang)|(phone|mobile|email|mail|address|diachi|dienthoai|sdt|cccd|cmnd|cmt|cancuoc|identity|idnumber|idcard|nationalid|passport|hochieu|birth|dob|ngaysinh|gender|gioitinh|ssn|taxcode|masothue)/;

export function isPersonalField(name: string): boolean {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').replace(/[^a-zA-Z]/g, '').toLowerCase();
  return PERSONAL.test(plain);
}

/** The value of a personal field is never kept, also not in the list of refusals. */
export function withoutPersonalData(value: unknown, depth = 0): unknown {
  if (depth > 6) return null;
  if (Array.isArray(value)) return value.slice(0, 50).map((one) => withoutPersonalData(one, depth + 1));
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).slice(0, 60).map(([name, inner]) => [printable(name).slice(0, 100), isPersonalField(name) ? '[not kept]' : withoutPersonalData(inner, depth + 1)] as const);
    // A null prototype: a key «__proto__» is a key like any other.
    return Object.assign(Object.create(null), ...entries.filter(([name]) => name !== '__proto__').map(([name, inner]) => ({ [name]: inner }))) as unknown;
  }
  return typeof value === 'string' ? printable(value).slice(0, 300) : value;
}

/** What PostgreSQL and a terminal can show: no control characters, no broken Unicode. */
export function printable(text: string): string {
   
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** `value`: what was read; a field that is not in it is missing, whatever the schema says of it. */
export function refusalOf(error: z.ZodError, value: unknown): Refusal {
  for (const issue of error.issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const personal = issue.keys.find(isPersonalField);
    const at = issue.path.length > 0 ? `${issue.path.join('.')}.` : '';
    if (personal !== undefined) return new Refusal('personal_data', `field "${printable(at + personal).slice(0, 80)}" is not accepted: no citizen's data`);
    return new Refusal('unknown_field', `field "${printable(at + (issue.keys[0] ?? '')).slice(0, 80)}" is not known`);
  }
  const first = error.issues[0];
  if (first?.path.length === 0) return new Refusal('not_an_object', 'an event must be a JSON object');
  const issue = first ? { field: printable(first.path.join('.')).slice(0, 80), rule: ruleOf(first, value) } : null;
  return new Refusal('invalid_event', `${first?.path.join('.') ?? ''}: ${first?.message ?? 'not valid'}`.slice(0, 300), issue);
}

function ruleOf(issue: z.core.$ZodIssue, value: unknown): RefusedRule {
  let there = value;
  for (const step of issue.path) there = (there as Record<PropertyKey, unknown> | null | undefined)?.[step];
  if (there === undefined) return 'missing';
  switch (issue.code) {
    case 'invalid_type': return 'wrong_type';
    case 'too_big': case 'too_small': return issue.code;
    case 'invalid_format': return issue.format === 'datetime' ? 'not_an_instant' : 'bad_form';
    case 'invalid_value': return 'not_in_list';
    case 'custom': return 'unclean';
    default: return 'bad_form';
  }
}

/** A refusal is kept as one line: what the sender was told, and behind it which field broke which rule. */
export const keptMessage = ({ message, issue }: Pick<Refusal, 'message' | 'issue'>): string => (issue === null ? printable(message) : `${printable(message)} [${issue.rule} ${issue.field}]`);
export function readKept(kept: string): { message: string; issue: RefusedIssue | null } {
  const [, message = '', rule, field = ''] = /^(.*) \[([a-z_]+) ([^\]]*)\]$/s.exec(kept) ?? [];
  const known = REFUSED_RULES.find((one) => one === rule);
  return known ? { message, issue: { field, rule: known } } : { message: kept, issue: null };
}

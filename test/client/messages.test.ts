/** Every text of the interface stands in the message files, in both languages, and every text there is used. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALERT_ACTIONS, ALERT_RULES, ALERT_STATES, CAMERA_POSITIONS, CAMERA_REASONS, CAMERA_STATES, DESK_STATES, EXPLAINABLE, GAP_REASONS, INGEST_KINDS, LOOKS, PICTURE_WARNINGS, RECORDING_POLICIES, REFUSED_RULES, ROLES, STORAGE_STATES, TICKET_STATUSES, UNCHECKED_REASONS } from '#contract/vocabulary.ts';
import { CLIP_CAUSES } from '#contract/recording.ts';
import { fromRoot } from '#config/paths.ts';
import en from '../../client/messages/en.json';
import vi from '../../client/messages/vi.json';

type Tree = { [key: string]: string | Tree };
const flat = (tree: Tree, at = ''): [string, string][] => Object.entries(tree).flatMap(([key, value]): [string, string][] => (typeof value === 'string' ? [[at + key, value]] : flat(value, `${at}${key}.`)));
const vietnamese = new Map(flat(vi as Tree));
const english = new Map(flat(en as Tree));
const sources = readdirSync(fromRoot('client'), { recursive: true, encoding: 'utf8' }).filter((file) => /\.(vue|ts)$/.test(file)).map((file) => [file, readFileSync(join(fromRoot('client'), file), 'utf8')] as const);
const all = sources.map(([, text]) => text).join('\n');
const keyed = (prefix: string, names: readonly string[]) => names.map((name) => `${prefix}.${name}`);

describe('the messages', () => {
  it('have the same keys in both languages, each with the same places to fill in', () => {
    expect([...english.keys()]).toEqual([...vietnamese.keys()]);
    const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const [key, text] of vietnamese) expect([key, places(english.get(key) ?? '')]).toEqual([key, places(text)]);
  });
  it('are all there for what the interface asks', () => {
    // In t('a') and t(x ? 'a' : 'b') alike; names of the vocabulary follow as a whole.
    const asked = [...all.matchAll(/\bt\(([^`]*?)\)/g)].flatMap(([, inside]) => [...(inside ?? '').matchAll(/'([a-z][\w-]*(?:\.[\w-]+)*)'/gi)].map(([, key]) => key ?? '')).filter((key) => key.includes('.') || vietnamese.has(key));
    const missing = [...asked, ...keyed('rule', ALERT_RULES), ...keyed('alertState', ALERT_STATES), ...keyed('action', ALERT_ACTIONS), ...keyed('alerts.why', ALERT_ACTIONS), ...keyed('alerts.do', ALERT_ACTIONS), ...keyed('camera', CAMERA_STATES), ...keyed('reason', CAMERA_REASONS), ...keyed('gap', GAP_REASONS), ...keyed('clip.cause', CLIP_CAUSES), ...keyed('storage.policies', RECORDING_POLICIES), ...keyed('storage.states', STORAGE_STATES), ...keyed('position', CAMERA_POSITIONS), ...keyed('state', DESK_STATES), ...keyed('figure', EXPLAINABLE), ...keyed('kind', INGEST_KINDS), ...keyed('admin.refused.rule', REFUSED_RULES), ...keyed('picture', PICTURE_WARNINGS), ...keyed('unchecked', UNCHECKED_REASONS), ...keyed('role', ROLES), ...keyed('viewings.act', LOOKS.map((look) => look.replace('.', '_'))), ...keyed('ticket', TICKET_STATUSES)].filter((key) => !vietnamese.has(key));
    expect([...new Set(missing)]).toEqual([]);
  });
  it('name every act that the audit log can hold', () => {
    const server = readdirSync(fromRoot('server'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => readFileSync(join(fromRoot('server'), file), 'utf8')).join('\n');
    // As they stand, on a line that writes one; those put together from a word are listed.
    const acts = server.split('\n').filter((line) => /\baction: |appendAudit\(/.test(line)).flatMap((line) => [...line.matchAll(/'([a-z][a-z-]*\.[a-z][a-z_-]*)'/g)].map(([, act]) => act ?? ''));
    expect(acts.length).toBeGreaterThan(60);
    const shifts = [...server.matchAll(/await audit\(connection, ([^;]*?), shift/g)].flatMap(([, what]) => [...(what ?? '').matchAll(/'([a-z_]+)'/g)].map(([, word]) => `shift.${word}`));
    expect(shifts).toEqual(expect.arrayContaining(['shift.open', 'shift.sign', 'shift.take_over']));
    expect([...new Set([...acts, ...shifts])].filter((act) => !vietnamese.has(`audit.${act.replaceAll('.', '_')}`)).sort()).toEqual([]);
  });
  it('are all used', () => {
    const beginnings = [...all.matchAll(/`([a-z][\w.-]*\.)\$\{/gi)].map(([, beginning]) => beginning ?? '');
    expect([...vietnamese.keys()].filter((key) => !all.includes(`'${key}'`) && !beginnings.some((beginning) => key.startsWith(beginning)))).toEqual([]);
  });
  it('hold every word: no component writes Vietnamese itself', () => {
    const written = sources.filter(([file]) => file.endsWith('.vue')).flatMap(([file, text]) => {
      const template = /<template>[\s\S]*<\/template>/.exec(text)?.[0] ?? '';
      // Comments are English; a letter that only Vietnamese has betrays a text.
      return /[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i.test(template) ? [file] : [];
    });
    expect(written).toEqual([]);
  });
});

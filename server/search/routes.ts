/** Search over units, cameras, dossiers and tickets in scope, accents or not; and the people to call at a desk. */
import { z } from 'zod';
import { match } from '#analytics/text/plain.ts';
import { unitCode } from '#contract/events.ts';
import { contact, searchAnswer, type Contact, type SearchAnswer } from '#contract/search.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';

const MOST = 8;
/** A shorter part of a code, or one without a digit, is in thousands of them. */
const isCode = (text: string) => text.length >= 4 && /\d/.test(text) && !/\s/.test(text);
const like = (text: string) => text.replace(/[\\%_]/g, '\\$&');

/** The best first; equals in the order in which they came. */
function best<T>(rows: readonly T[], name: (row: T) => string, wanted: string): T[] {
  return rows.flatMap((row) => { const rank = match(name(row), wanted); return rank === null ? [] : [{ row, rank }]; }).sort((a, b) => a.rank - b.rank).slice(0, MOST).map(({ row }) => row);
}

export function searchRoutes({ database, units, contacts, now }: { database: Database; units: Units; contacts: readonly Contact[]; now: () => Date }): Route[] {
  async function dossiers(scope: readonly string[], text: string, at: Date): Promise<SearchAnswer['dossiers']> {
    if (!isCode(text)) return [];
    const found = await database.query<{ code: string; unit: string; status: string; due_at: Date | null; closed_at: Date | null; received_at: Date | null; counter: string | null }>(
      `SELECT code, unit, status, due_at, closed_at, received_at, counter FROM dossiers WHERE unit = ANY($1) AND code ILIKE $2 ORDER BY received_at DESC NULLS LAST LIMIT ${MOST}`, [scope, `%${like(text)}%`]);
    return found.rows.map((row) => ({ code: row.code, unit: row.unit, unitName: units.nameOf(row.unit), status: row.status, dueAt: row.due_at?.toISOString() ?? null, overdue: row.closed_at === null && row.due_at !== null && row.due_at < at, counter: row.counter, at: row.received_at?.toISOString() ?? null }));
  }
  async function tickets(scope: readonly string[], text: string, at: Date): Promise<SearchAnswer['tickets']> {
    if (!/^[\w-]{2,40}$/.test(text) || !/\d/.test(text)) return [];
    const found = await database.query<{ ticket: string; unit: string; day: string; counter: string | null; last_at: Date }>(
      `SELECT ticket, unit, day, counter, last_at FROM tickets WHERE unit = ANY($1) AND day >= $3::date - 1 AND ticket ILIKE $2 ORDER BY last_at DESC LIMIT ${MOST}`, [scope, `${like(text)}%`, at.toISOString().slice(0, 10)]);
    return found.rows.map((row) => ({ ticket: row.ticket, unit: row.unit, unitName: units.nameOf(row.unit), day: row.day, counter: row.counter, at: row.last_at.toISOString() }));
  }
  return [
    route({
      method: 'get', path: '/search', tag: 'Search', summary: 'Units, cameras, dossiers and tickets in scope by name, code or number; accents do not matter', access: ['operator', 'leader', 'inspector', 'admin'], scope: { kind: 'filter' }, cost: 3,
      query: z.object({ q: z.string().trim().max(80).default('') }), answer: searchAnswer,
      async handle({ session, query: { q } }) {
        const scope = [...session.scope];
        const cameras = (await database.query<{ id: string; unit: string; name: string; counter: string | null }>('SELECT id, unit, name, counter FROM cameras WHERE unit = ANY($1) ORDER BY unit, id', [scope])).rows;
        return {
          units: best(units.rows.filter((unit) => session.scope.has(unit.code)), (unit) => (unit.code === q ? q : unit.name), q).map(({ code, name, parent }) => ({ unit: code, unitName: name, parentName: parent !== null && session.scope.has(parent) ? units.nameOf(parent) : null })),
          cameras: best(cameras, (camera) => `${camera.name} ${units.nameOf(camera.unit)} ${camera.id}`, q).map((camera) => ({ ...camera, unitName: units.nameOf(camera.unit) })),
          dossiers: await dossiers(scope, q, now()), tickets: await tickets(scope, q, now()),
        };
      },
    }),
    route({
      method: 'get', path: '/units/:unit/contacts', tag: 'Search', summary: 'People to call at a desk, and at those above it that the caller sees (config/contacts.csv)', access: ['operator', 'leader', 'admin'], scope: { kind: 'unit', from: 'params.unit' }, params: z.object({ unit: unitCode }), answer: z.object({ contacts: z.array(contact.extend({ unitName: z.string() })) }),
      async handle({ session, params }) {
        const asked = units.deskOf(params.unit);
        const near = [asked, ...[...units.tree.above(asked)].filter((one) => one !== asked && session.scope.has(one))];
        return { contacts: near.flatMap((unit) => contacts.filter((one) => one.unit === unit)).map((one) => ({ ...one, unitName: units.nameOf(one.unit) })) };
      },
    }),
  ];
}

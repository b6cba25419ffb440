/**
 * Shifts: opened, joined, handed over, signed. Each change takes the row of its shift first, so of two who sign at the same
 * moment one is told that it is done. What was written is never changed (migration 0029 refuses it in the database).
 */
import { Fault } from '#contract/faults.ts';
import type { ShiftOverview, ShiftRow } from '#contract/shift.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';

interface Stored extends Record<string, unknown> {
  id: number; unit: string; opened_at: Date; opened_by: string; how: ShiftRow['how']; previous: number | null; closed_at: Date | null; closed_by: string | null; reason: string | null; arrival: ShiftOverview | null;
  people: { username: string; joinedAt: string; leftAt: string | null }[] | null; handover: ShiftRow['handover'];
}
const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const SELECT = `SELECT s.*, (SELECT json_agg(json_build_object('username', p.username, 'joinedAt', ${iso('p.joined_at')}, 'leftAt', ${iso('p.left_at')}) ORDER BY p.joined_at, p.username) FROM shift_people p WHERE p.shift = s.id) AS people,
  (SELECT json_build_object('id', h.id::text, 'at', ${iso('h.at')}, 'by', h.by_whom, 'points', h.points) FROM shift_handovers h WHERE h.shift = s.id ORDER BY h.id DESC LIMIT 1) AS handover FROM shifts s`;

export interface EntryInput { text: string; unit?: string | null | undefined; alert?: string | undefined; dossier?: string | undefined; camera?: string | undefined; ticket?: string | undefined; corrects?: string | undefined; snapshot?: string | undefined }
export interface Shift extends ShiftRow { arrival: ShiftOverview | null }
export type Shifts = ReturnType<typeof openShifts>;

export function openShifts({ database, units, now }: { database: Database; units: Units; now: () => Date }) {
  const rowOf = (row: Stored): Shift => ({
    id: String(row.id), unit: row.unit, unitName: units.nameOf(row.unit), openedAt: row.opened_at.toISOString(), openedBy: row.opened_by, how: row.how, previous: row.previous === null ? null : String(row.previous),
    closedAt: row.closed_at?.toISOString() ?? null, closedBy: row.closed_by, reason: row.reason, people: row.people ?? [], handover: row.handover, arrival: row.arrival,
  });
  const read = async (id: string, connection: Queryable = database): Promise<Shift> => {
    const row = (await connection.query<Stored>(`${SELECT} WHERE s.id = $1`, [id])).rows[0];
    if (!row) throw new Fault('not_found');
    return rowOf(row);
  };
  /** Held until the transaction ends: nobody else changes this shift meanwhile. */
  const held = async (connection: Queryable, id: string): Promise<Shift> => { await connection.query('SELECT 1 FROM shifts WHERE id = $1 FOR UPDATE', [id]); return await read(id, connection); };
  const stillOpen = (shift: Shift) => { if (shift.closedAt !== null) throw new Fault('shift_closed', `closed by ${shift.closedBy}`); return shift; };
  const isIn = (shift: Shift, who: string) => shift.people.some((one) => one.username === who && one.leftAt === null);
  const goIn = async (connection: Queryable, shift: string, who: string) => { await connection.query('INSERT INTO shift_people (shift, username, joined_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [shift, who, now()]); };
  const audit = async (connection: Queryable, what: string, { id, unit }: { id: string; unit: string }, actor: string, detail: Record<string, unknown> = {}) => { await appendAudit(connection, { actor, action: `shift.${what}`, unit, subject: id, detail }, now()); };
  /** Null where another was opened at the same moment. */
  const begin = async (connection: Queryable, unit: string, who: string, how: ShiftRow['how'], previous: string | null, arrival: ShiftOverview | null): Promise<string | null> => {
    const made = await connection.query<{ id: number }>('INSERT INTO shifts (unit, opened_at, opened_by, how, previous, arrival) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit) WHERE closed_at IS NULL DO NOTHING RETURNING id', [unit, now(), who, how, previous, arrival === null ? null : JSON.stringify(arrival)]);
    const id = made.rows[0]?.id;
    if (id === undefined) return null;
    await goIn(connection, String(id), who);
    return String(id);
  };
  const end = async (connection: Queryable, id: string, who: string, reason: string | null) => {
    await connection.query('UPDATE shifts SET closed_at = $2, closed_by = $3, reason = $4 WHERE id = $1', [id, now(), who, reason]);
    await connection.query('UPDATE shift_people SET left_at = $2 WHERE shift = $1 AND left_at IS NULL', [id, now()]);
  };

  return {
    read: async (id: string) => await read(id),
    unitOf: async (id: string): Promise<string | null> => (/^\d{1,15}$/.test(id) ? (await database.query<{ unit: string }>('SELECT unit FROM shifts WHERE id = $1', [id])).rows[0]?.unit ?? null : null),
    async list(scope: ReadonlySet<string>, { unit = null, before = null, limit }: { unit?: string | null; before?: number | null; limit: number }): Promise<Shift[]> {
      const within = unit === null ? [...scope] : scope.has(unit) ? [unit] : [];
      return (await database.query<Stored>(`${SELECT} WHERE s.unit = ANY($1) AND ($2::bigint IS NULL OR s.id < $2) ORDER BY s.id DESC LIMIT $3`, [within, before, limit])).rows.map(rowOf);
    },
    /** The open shift of a desk, and the one that ended last. */
    async desk(unit: string): Promise<{ current: Shift | null; last: Shift | null }> {
      const found = (await database.query<Stored>(`${SELECT} WHERE s.unit = $1 ORDER BY s.id DESC LIMIT 2`, [unit])).rows.map(rowOf);
      return { current: found.find((one) => one.closedAt === null) ?? null, last: found.find((one) => one.closedAt !== null) ?? null };
    },
    async handovers(id: string): Promise<{ id: string; at: string; by: string; points: string; overview: ShiftOverview }[]> {
      return (await database.query<{ id: number; at: Date; by_whom: string; points: string; overview: ShiftOverview }>('SELECT * FROM shift_handovers WHERE shift = $1 ORDER BY id DESC', [id])).rows.map((row) => ({ id: String(row.id), at: row.at.toISOString(), by: row.by_whom, points: row.points, overview: row.overview }));
    },
    /** Opens a shift where none is open, else goes into the one that is. One that is handed over is signed first. */
    async goOn(unit: string, who: string): Promise<Shift> {
      return await database.transaction(async (connection) => {
        const there = (await connection.query<{ id: number }>('SELECT id FROM shifts WHERE unit = $1 AND closed_at IS NULL', [unit])).rows[0]?.id;
        const made = there === undefined ? await begin(connection, unit, who, 'opened', null, null) : null;
        const id = made ?? String(there ?? (await connection.query<{ id: number }>('SELECT id FROM shifts WHERE unit = $1 AND closed_at IS NULL', [unit])).rows[0]?.id ?? 0);
        const shift = await held(connection, id);
        stillOpen(shift);
        if (made === null) {
          if (isIn(shift, who)) return shift;
          if (shift.handover !== null) throw new Fault('shift_handed_over');
          await goIn(connection, id, who);
        }
        await audit(connection, made === null ? 'join' : 'open', shift, who);
        return await read(id, connection);
      });
    },
    async leave(id: string, who: string): Promise<Shift> {
      return await database.transaction(async (connection) => {
        const shift = stillOpen(await held(connection, id));
        if (!isIn(shift, who)) throw new Fault('not_in_shift');
        // The last one hands over instead: else nobody is told what is open.
        if (shift.people.filter((one) => one.leftAt === null).length === 1 && shift.handover === null) throw new Fault('no_handover', 'the last one in the shift writes the handover');
        await connection.query('UPDATE shift_people SET left_at = $3 WHERE shift = $1 AND username = $2 AND left_at IS NULL', [id, who, now()]);
        await audit(connection, 'leave', shift, who);
        return await read(id, connection);
      });
    },
    async write(id: string, who: string, entry: EntryInput, before: (connection: Queryable, shift: Shift) => Promise<void> = async () => undefined): Promise<string> {
      return await database.transaction(async (connection) => {
        const shift = stillOpen(await held(connection, id));
        if (!isIn(shift, who)) throw new Fault('not_in_shift');
        if (entry.corrects !== undefined && (await connection.query('SELECT 1 FROM shift_entries e JOIN shifts s ON s.id = e.shift WHERE e.id = $1 AND s.unit = $2', [entry.corrects, shift.unit])).rowCount === 0) throw new Fault('not_found', `entry ${entry.corrects}`);
        await before(connection, shift);
        const made = await connection.query<{ id: number }>(
          'INSERT INTO shift_entries (shift, at, by_whom, text, unit, alert, dossier, camera, ticket, snapshot, corrects) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id',
          [id, now(), who, entry.text, entry.unit ?? null, entry.alert ?? null, entry.dossier ?? null, entry.camera ?? null, entry.ticket ?? null, entry.snapshot ?? null, entry.corrects ?? null]);
        return String(made.rows[0]?.id);
      });
    },
    async handOver(id: string, who: string, points: string, overview: ShiftOverview): Promise<Shift> {
      return await database.transaction(async (connection) => {
        const shift = stillOpen(await held(connection, id));
        if (!isIn(shift, who)) throw new Fault('not_in_shift');
        await connection.query('INSERT INTO shift_handovers (shift, at, by_whom, points, overview) VALUES ($1, $2, $3, $4, $5)', [id, now(), who, points, JSON.stringify(overview)]);
        await audit(connection, 'handover', shift, who, { open: overview.open.total, unanswered: overview.unanswered.total });
        return await read(id, connection);
      });
    },
    /** The next shift begins with the signature. `arrival`: what happened since the handover. */
    async sign(id: string, who: string, handover: string, arrival: ShiftOverview): Promise<Shift> {
      return await database.transaction(async (connection) => {
        const shift = stillOpen(await held(connection, id));
        if (shift.handover === null) throw new Fault('no_handover');
        if (shift.handover.by === who) throw new Fault('own_handover');
        if (shift.handover.id !== handover) throw new Fault('changed_meanwhile', 'the handover was written anew', { by: shift.handover.by });
        await end(connection, id, who, null);
        const next = await begin(connection, shift.unit, who, 'signed', id, arrival);
        if (next === null) throw new Fault('changed_meanwhile');
        await audit(connection, 'sign', shift, who, { handover, from: shift.handover.by, next });
        return await read(next, connection);
      });
    },
    /** Where there is no handover to sign: the ones before went without one, and the log says so. */
    async takeOver(id: string, who: string, reason: string, arrival: ShiftOverview): Promise<Shift> {
      return await database.transaction(async (connection) => {
        const shift = stillOpen(await held(connection, id));
        if (shift.handover !== null && shift.handover.by !== who) throw new Fault('shift_handed_over');
        await end(connection, id, who, reason);
        const next = await begin(connection, shift.unit, who, 'taken_over', id, arrival);
        if (next === null) throw new Fault('changed_meanwhile');
        await audit(connection, 'take_over', shift, who, { reason, next });
        return await read(next, connection);
      });
    },
  };
}

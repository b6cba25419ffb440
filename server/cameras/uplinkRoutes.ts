/** What the line of each desk may carry, and what is watched over it now. */
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import type { Leases } from './leases.ts';
import type { Uplinks } from './uplinks.ts';

const uplink = z.object({ unit: z.string(), unitName: z.string(), /** Null: not limited. */ kbps: z.int().nullable(), own: z.boolean(), loadKbps: z.int(), leases: z.int(), assumed: z.boolean() }).meta({ id: 'Uplink' });

export function uplinkRoutes({ database, units, uplinks, leases, now }: { database: Database; units: Units; uplinks: Uplinks; leases: Leases; now: () => Date }): Route[] {
  const params = z.object({ unit: z.string().max(60) });
  const show = async (unit: string) => ({ unit, unitName: units.nameOf(unit), ...await uplinks.of(unit), ...leases.line(unit) });
  return [
    route({
      method: 'get', path: '/uplinks/:unit', tag: 'Cameras', summary: 'What the line of a desk may carry, and the live pictures that are watched over it now', access: 'session', scope: { kind: 'unit', from: 'params.unit' }, params, answer: uplink,
      async handle({ params: { unit } }) { return await show(unit); },
    }),
    route({
      method: 'patch', path: '/uplinks/:unit', tag: 'Cameras', summary: 'Sets what the line of a desk may carry, in kbit/s; null: as configured for all', access: ['admin'], scope: { kind: 'unit', from: 'params.unit' }, params, body: z.strictObject({ kbps: z.int().min(64).max(10_000_000).nullable() }), answer: uplink,
      async handle({ session, params: { unit }, body }) {
        if (!units.tree.has(unit)) throw new Fault('not_found');
        await database.transaction(async (connection) => {
          if (body.kbps === null) await connection.query('DELETE FROM unit_uplinks WHERE unit = $1', [unit]);
          else await connection.query('INSERT INTO unit_uplinks (unit, kbps, changed_at) VALUES ($1, $2, $3) ON CONFLICT (unit) DO UPDATE SET kbps = excluded.kbps, changed_at = excluded.changed_at', [unit, body.kbps, now()]);
          await appendAudit(connection, { actor: session.username, action: 'uplink.change', unit, subject: unit, detail: { kbps: body.kbps } }, now());
        });
        return await show(unit);
      },
    }),
  ];
}

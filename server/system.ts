/** What an administrator wants to know of the centre itself. */
import { z } from 'zod';
import { CAMERA_STATES } from '#contract/vocabulary.ts';
import type { Nodes } from './cameras/nodes.ts';
import type { Database } from './database/pool.ts';
import { EVENT_TABLES, readEventTables, type EventTableShape } from './database/eventTables.ts';
import type { Edition } from './database/migrate.ts';
import { RETENTION, type RetentionState } from './database/retention.ts';
import { NOTICE, type CalendarNotice } from './deadlines/recompute.ts';
import { readSetting } from './settings.ts';
import { route, type Route } from './http/route.ts';

export interface SystemParts { database: Database; edition: Edition; embedded: boolean; nodes: Nodes; version: string; startedAt: Date; /** The known ids of reported indicators. */ reported: ReadonlyMap<string, unknown>; retentionMonths: number | null; demo: () => { on: boolean; phase: string | null; done: number; total: number } }

const unknownList = z.array(z.object({ code: z.string(), firstSeenAt: z.string(), lastSeenAt: z.string() }));

export function systemRoutes({ database, edition, embedded, nodes, version, startedAt, reported, retentionMonths, demo }: SystemParts): Route[] {
  // Sizes of hundreds of chunks are not asked for every few seconds, by every page that is open.
  let shape: { at: number; tables: EventTableShape[] } | null = null;
  const eventTables = async () => { if (shape === null || Date.now() - shape.at > 60_000) shape = { at: Date.now(), tables: await readEventTables(database) }; return shape.tables; };
  return [route({
    method: 'get', path: '/system', tag: 'System', summary: 'Version, database, media nodes, simulated province, procedures and indicators to complete', access: ['admin'], scope: { kind: 'centre' },
    answer: z.object({
      version: z.string(), startedAt: z.string(),
      database: z.object({ edition: z.enum(['plain', 'apache', 'community']), embedded: z.boolean(), server: z.string(), sizeBytes: z.number(),
        /** `chunks` and what follows: null where the table is plain. `compressAfter`, `dropAfter`: the database's own jobs. */
        tables: z.array(z.object({ table: z.enum(EVENT_TABLES), hypertable: z.boolean(), sizeBytes: z.number(), chunks: z.number().nullable(), compressedChunks: z.number().nullable(), compressAfter: z.string().nullable(), dropAfter: z.string().nullable() })),
        /** Our own retention of events: null months keep them for ever; `keptSince` is a day. */
        retention: z.object({ months: z.number().nullable(), keptSince: z.string().nullable(), ranAt: z.string().nullable(), dossiers: z.number(), tickets: z.number() }),
      }),
      /** The configured working hours, special days and working days: since when, and how many deadlines are still those of an earlier calendar (null: being counted). */
      calendar: z.object({ calendar: z.number(), changedAt: z.string(), previous: z.number().nullable(), behind: z.number().nullable(), differing: z.number().nullable(), unprovable: z.number().nullable(), checkedAt: z.string().nullable(), corrected: z.object({ at: z.string(), dossiers: z.number() }).nullable() }).nullable(),
      demo: z.object({ on: z.boolean(), phase: z.string().nullable(), done: z.number(), total: z.number() }),
      nodes: z.array(z.object({ id: z.string(), seenAt: z.string(), cameras: z.record(z.enum(CAMERA_STATES), z.number()).or(z.record(z.string(), z.number())), relay: z.string(), relayRestarts: z.number(), ffmpeg: z.string(), ffmpegWarning: z.string().nullable(), diskFreeBytes: z.number().nullable(), diskTotalBytes: z.number().nullable() })),
      /** `unknownIndicators`: reported under ids that neither the catalogue nor a rule of scoring has. */
      unknownProcedures: unknownList, unknownIndicators: unknownList,
    }),
    async handle() {
      const listOf = async (table: 'unknown_procedures' | 'unknown_indicators', known: readonly string[]) => (await database.query<{ code: string; first_seen_at: Date; last_seen_at: Date }>(`SELECT * FROM ${table} WHERE code <> ALL($1) ORDER BY last_seen_at DESC LIMIT 200`, [known])).rows
        .map((row) => ({ code: row.code, firstSeenAt: row.first_seen_at.toISOString(), lastSeenAt: row.last_seen_at.toISOString() }));
      const info = (await database.query<{ server: string; size: number }>("SELECT current_setting('server_version') AS server, pg_database_size(current_database()) AS size")).rows[0];
      const [tables, retention, calendar] = await Promise.all([eventTables(), readSetting<RetentionState>(database, RETENTION), readSetting<CalendarNotice>(database, NOTICE)]);
      return {
        version, startedAt: startedAt.toISOString(), demo: demo(),
        database: { edition, embedded, server: info?.server ?? '', sizeBytes: info?.size ?? 0, tables, retention: { months: retentionMonths, keptSince: retention?.keptSince ?? null, ranAt: retention?.ranAt ?? null, dossiers: retention?.dossiers ?? 0, tickets: retention?.tickets ?? 0 } },
        calendar,
        nodes: nodes.all().map(({ id, seenAt, report }) => {
          const cameras: Record<string, number> = {};
          for (const camera of report.cameras) cameras[camera.state] = (cameras[camera.state] ?? 0) + 1;
          return { id, seenAt: seenAt.toISOString(), cameras, relay: report.relay.state, relayRestarts: report.relay.restarts, ffmpeg: report.ffmpeg.version, ffmpegWarning: report.ffmpeg.warning, diskFreeBytes: report.disk?.freeBytes ?? null, diskTotalBytes: report.disk?.totalBytes ?? null };
        }),
        // What has been configured since is no more unknown; procedures have their own table.
        unknownProcedures: await listOf('unknown_procedures', []), unknownIndicators: await listOf('unknown_indicators', [...reported.keys()]),
      };
    },
  })];
}

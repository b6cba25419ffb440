/** What an administrator wants to know of the centre itself. */
import { z } from 'zod';
import { CAMERA_STATES } from '#contract/vocabulary.ts';
import type { Nodes } from './cameras/nodes.ts';
import type { Database } from './database/pool.ts';
import type { Edition } from './database/migrate.ts';
import { route, type Route } from './http/route.ts';

export interface SystemParts { database: Database; edition: Edition; embedded: boolean; nodes: Nodes; version: string; startedAt: Date; demo: () => { on: boolean; phase: string | null; done: number; total: number } }

export function systemRoutes({ database, edition, embedded, nodes, version, startedAt, demo }: SystemParts): Route[] {
  return [route({
    method: 'get', path: '/system', tag: 'System', summary: 'Version, database, media nodes, simulated province, procedures to complete', access: ['admin'], scope: { kind: 'centre' },
    answer: z.object({
      version: z.string(), startedAt: z.string(),
      database: z.object({ edition: z.enum(['plain', 'apache', 'community']), embedded: z.boolean(), server: z.string(), sizeBytes: z.number() }),
      demo: z.object({ on: z.boolean(), phase: z.string().nullable(), done: z.number(), total: z.number() }),
      nodes: z.array(z.object({ id: z.string(), seenAt: z.string(), cameras: z.record(z.enum(CAMERA_STATES), z.number()).or(z.record(z.string(), z.number())), relay: z.string(), relayRestarts: z.number(), ffmpeg: z.string(), ffmpegWarning: z.string().nullable(), diskFreeBytes: z.number().nullable(), diskTotalBytes: z.number().nullable() })),
      unknownProcedures: z.array(z.object({ code: z.string(), firstSeenAt: z.string(), lastSeenAt: z.string() })),
    }),
    async handle() {
      const info = (await database.query<{ server: string; size: number }>("SELECT current_setting('server_version') AS server, pg_database_size(current_database()) AS size")).rows[0];
      const unknown = await database.query<{ code: string; first_seen_at: Date; last_seen_at: Date }>('SELECT * FROM unknown_procedures ORDER BY last_seen_at DESC LIMIT 200');
      return {
        version, startedAt: startedAt.toISOString(), demo: demo(),
        database: { edition, embedded, server: info?.server ?? '', sizeBytes: info?.size ?? 0 },
        nodes: nodes.all().map(({ id, seenAt, report }) => {
          const cameras: Record<string, number> = {};
          for (const camera of report.cameras) cameras[camera.state] = (cameras[camera.state] ?? 0) + 1;
          return { id, seenAt: seenAt.toISOString(), cameras, relay: report.relay.state, relayRestarts: report.relay.restarts, ffmpeg: report.ffmpeg.version, ffmpegWarning: report.ffmpeg.warning, diskFreeBytes: report.disk?.freeBytes ?? null, diskTotalBytes: report.disk?.totalBytes ?? null };
        }),
        unknownProcedures: unknown.rows.map((row) => ({ code: row.code, firstSeenAt: row.first_seen_at.toISOString(), lastSeenAt: row.last_seen_at.toISOString() })),
      };
    },
  })];
}

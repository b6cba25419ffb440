/** P9: from a random second of a day to what is recorded there, of nine cameras at once, in a catalogue of millions of segments. Over HTTP. */
import pg from 'pg';
import type { BenchCentre } from './centre.ts';
import { resultOf, type Result } from './measures.ts';

const CAMERAS = 200;
const WATCHED = 9;
const SEEKS = 25;
const AROUND_MS = 5 * 60_000;
/** Fewer where the machine has no time for so many: then the row says how many. */
const SEGMENTS = Number(process.env.BENCH_SEGMENTS ?? 8_600_000);
const PAGE_DAYS = 3;

export async function seekInCatalogue(centre: BenchCentre, say: (text: string) => void): Promise<Result[]> {
  const client = new pg.Client({ connectionString: centre.databaseUrl });
  await client.connect();
  try {
    const days = Math.ceil(SEGMENTS / CAMERAS / 1440);
    const end = new Date();
    end.setUTCHours(0, 0, 0, 0);
    await client.query('SET synchronous_commit = off');
    await client.query("INSERT INTO cameras (id, unit, name, position, node, enabled, url) SELECT 'seek-' || i, '75', 'seek ' || i, 'counter', 'local', false, 'rtsp://127.0.0.1:9/x' FROM generate_series(1, $1::int) i", [CAMERAS]);
    const began = performance.now();
    for (let day = 0; day < days; day += PAGE_DAYS) {
      await client.query(
        `INSERT INTO segments (camera, starts, ends, node, file, bytes, sha256, codec)
         SELECT 'seek-' || c, t, t + interval '1 minute', 'local', to_char(t AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"') || '-' || lpad(to_hex(c), 6, '0') || '.mp4', 9000000, repeat('a', 64), 'h264'
         FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 minute', interval '1 minute') t, generate_series(1, $3::int) c`,
        [new Date(end.getTime() - (days - day) * 86_400_000), new Date(end.getTime() - Math.max(0, days - day - PAGE_DAYS) * 86_400_000), CAMERAS]);
    }
    await client.query('ANALYZE segments');
    const rows = Number((await client.query<{ n: string }>('SELECT count(*) AS n FROM segments')).rows[0]?.n);
    say(`P9: ${rows} segments of ${CAMERAS} cameras in ${Math.round((performance.now() - began) / 1000)} s`);
    const seek = async (): Promise<number> => {
      const at = end.getTime() - Math.floor(Math.random() * days * 86_400_000 / 2) - AROUND_MS * 2;
      const first = 1 + Math.floor(Math.random() * (CAMERAS - WATCHED));
      const startedAt = performance.now();
      const answers = await Promise.all(Array.from({ length: WATCHED }, async (_, i) => {
        const answer = await fetch(`${centre.url}/api/v1/cameras/seek-${first + i}/recordings?from=${new Date(at - AROUND_MS).toISOString()}&to=${new Date(at + AROUND_MS).toISOString()}`, { headers: { cookie: centre.cookie } });
        return await answer.json() as { spans: { from: string; to: string }[] };
      }));
      const took = performance.now() - startedAt;
      if (answers.some((one) => one.spans.length !== 1)) throw new Error('a seek did not find what is recorded');
      return took;
    };
    for (let i = 0; i < 5; i += 1) await seek();
    const took: number[] = [];
    for (let i = 0; i < SEEKS; i += 1) took.push(await seek());
    return [resultOf({ row: 'P9', measure: `seek, ${WATCHED} cameras, ${(rows / 1e6).toFixed(1)} M segments`, baselineIs: 'none: milliseconds', unit: 'ms', bound: 'most', pass: 150, aim: 40, notes: { segments: rows, worstMs: Math.max(...took), around: 'ten minutes of each camera; the fragments of the files themselves are the node\'s work' } }, took.map((ours) => ({ ours, baseline: 1 })))];
  } finally { await client.end(); }
}

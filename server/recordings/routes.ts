/** Recordings: spans with their gaps, playlist, segments, thumbnails. Looking needs a purpose; every look is audited (looks.ts). */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { recordingSpans } from '#contract/camera.ts';
import { instant } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Session } from '../access/session.ts';
import { askNode } from '../cameras/askNode.ts';
import { readCamera } from '../cameras/cameraRows.ts';
import type { Nodes, NodeState } from '../cameras/nodes.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import { whomToAsk } from './holders.ts';
import { joinPlaylists, type NodePlaylist } from './joinPlaylists.ts';
import type { Looks } from './looks.ts';
import { readSpans } from './readSpans.ts';

export interface RecordingParts { database: Database; nodes: Nodes; now: () => Date; looks: Looks }

const MAX_LIST = 32 * 86_400_000;
const MAX_PLAYLIST = 6 * 3_600_000;
const ROLES = ['inspector', 'operator', 'admin'] as const;
const id = z.object({ id: z.string().max(60) });

export function recordingRoutes({ database, nodes, now, looks }: RecordingParts): Route[] {
  /** The camera's unit — a look is filed under the unit that was looked at — and the node that has it now. */
  const find = async (camera: string): Promise<{ home: string; unit: string }> => {
    const record = await readCamera(database, camera);
    if (!record) throw new Fault('not_found');
    return { home: record.node, unit: record.unit };
  };
  const there = (name: string): NodeState => {
    const node = nodes.of(name);
    if (!node) throw new Fault('node_away', null, { retryAfter: 3 });
    return node;
  };
  const requirePurpose = (session: Session) => { if (!session.purpose) throw new Fault('purpose_required'); };
  const between = (from: string, to: string, longest: number) => {
    const a = Date.parse(from);
    const b = Date.parse(to);
    if (!(a < b) || b - a > longest) throw new Fault('bad_period', `from must lie before to, at most ${longest / 3_600_000} hours apart`);
    return [a, b] as const;
  };
  return [
    route({
      method: 'get', path: '/cameras/:id/recordings', tag: 'Recordings', summary: 'Spans of recording and gaps with their reasons', access: ROLES, scope: { kind: 'camera', from: 'params.id' },
      params: id, query: z.object({ from: instant, to: instant }), answer: recordingSpans,
      async handle({ params, query }) {
        const [from, to] = between(query.from, query.to, MAX_LIST);
        return await readSpans({ database, nodes, now }, params.id, from, to);
      },
    }),
    route({
      method: 'get', path: '/cameras/:id/playlist.m3u8', tag: 'Recordings', summary: 'An HLS playlist of the recording; gaps are discontinuities', access: ROLES, scope: { kind: 'camera', from: 'params.id' },
      params: id, query: z.object({ from: instant, to: instant }), answer: null,
      async handle({ params, query, session, response }) {
        requirePurpose(session);
        const [from, to] = between(query.from, query.to, MAX_PLAYLIST);
        const { home, unit } = await find(params.id);
        const lists: NodePlaylist[] = [];
        let away: unknown = null;
        // Each node for its part; one that is away is a gap, as the spans say. Nothing at all is said with its cause.
        for (const part of await whomToAsk(database, params.id, home, from, to)) {
          try {
            const answer = await askNode(there(part.node), `/playlist/${encodeURIComponent(params.id)}?from=${encodeURIComponent(new Date(part.starts).toISOString())}&to=${encodeURIComponent(new Date(part.ends).toISOString())}`);
            lists.push({ node: part.node, text: await answer.text() });
          } catch (error) {
            if (!(error instanceof Fault) || !['node_away', 'no_recording'].includes(error.code)) throw error;
            if (error.code === 'node_away') away = error;
          }
        }
        const playlist = joinPlaylists(lists, home);
        if (playlist === null) throw away ?? new Fault('no_recording');
        await looks.play(session, { camera: params.id, unit }, from, to);
        response.type('application/vnd.apple.mpegurl').send(playlist);
      },
    }),
    route({
      method: 'get', path: '/cameras/:id/segments/:file', tag: 'Recordings', summary: 'A segment of a playlist (fragmented MP4, byte ranges)', access: ROLES, scope: { kind: 'camera', from: 'params.id' },
      params: z.object({ id: z.string().max(60), file: z.string().regex(/^[\w.-]{1,80}$/) }), query: z.object({ /** As the playlist says it; without it the node that has the camera. */ node: z.string().max(60).optional() }), answer: null,
      async handle({ params, query, session, request, response }) {
        requirePurpose(session);
        const range = request.headers.range;
        const { home, unit } = await find(params.id);
        const answer = await askNode(there(query.node ?? home), `/segments/${encodeURIComponent(params.id)}/${encodeURIComponent(params.file)}`, range === undefined ? {} : { headers: { range } });
        await looks.look(session, { camera: params.id, unit }, openedAt(params.file) ?? params.file);
        response.status(answer.status);
        for (const name of ['content-type', 'content-length', 'content-range', 'accept-ranges']) { const value = answer.headers.get(name); if (value !== null) response.setHeader(name, value); }
        if (!answer.body) { response.end(); return; }
        // A viewer that goes away is no error of ours.
        await pipeline(Readable.fromWeb(answer.body as ReadableStream), response).catch(() => { response.destroy(); });
      },
    }),
    route({
      method: 'get', path: '/cameras/:id/thumbnail', tag: 'Recordings', summary: 'A small picture of a moment of the recording', access: ROLES, scope: { kind: 'camera', from: 'params.id' },
      params: id, query: z.object({ at: instant }), answer: null,
      async handle({ params, query, session, response }) {
        requirePurpose(session);
        const { home, unit } = await find(params.id);
        const at = Date.parse(query.at);
        const [part] = await whomToAsk(database, params.id, home, at, at + 1);
        const answer = await askNode(there(part?.node ?? home), `/thumbnail/${encodeURIComponent(params.id)}?at=${encodeURIComponent(query.at)}`);
        await looks.look(session, { camera: params.id, unit }, at);
        response.type('image/jpeg').send(Buffer.from(await answer.arrayBuffer()));
      },
    }),
  ];
}

/** A file is named by the second of its opening: `20260105T010000Z-a1b2c3.mp4`. */
function openedAt(file: string): number | null {
  const at = Date.parse(file.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(at) ? null : at;
}

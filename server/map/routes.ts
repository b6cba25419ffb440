/** The map by configuration: what there is, the boundaries within the scope, tiles of a base map that lies in a file. */
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { boundariesAnswer, mapAnswer, type MapAnswer } from '#contract/map.ts';
import type { Config } from '#config/schema.ts';
import { route, type Route } from '../http/route.ts';
import type { TileFile } from './pmtiles.ts';

const TILES = '/api/v1/map/tiles/{z}/{x}/{y}';
const whole = z.coerce.number().int().min(0);

export function mapRoutes({ config, file }: { config: Config; file: TileFile | null }): Route[] {
  const { tiles, attribution, maxZoom } = config.centre.map;
  // Names of sources are somebody's text; markup in them is not.
  const said = (attribution ?? file?.attribution ?? '').replace(/<[^>]*>/g, '').slice(0, 300);
  const base: MapAnswer['base'] = file ? { url: TILES, attribution: said, minZoom: file.minZoom, maxZoom: file.maxZoom } : tiles !== null ? { url: tiles, attribution: said, minZoom: 0, maxZoom } : null;
  const units = config.boundaries?.units ?? [];
  return [
    route({
      method: 'get', path: '/map', tag: 'Units', summary: 'What the map is drawn from: a base map, and how many boundaries there are in scope', access: 'session', screen: true, scope: { kind: 'filter' }, answer: mapAnswer,
      async handle({ session }) { return { base, boundaries: units.filter((one) => session.scope.has(one.code)).length }; },
    }),
    route({
      method: 'get', path: '/map/boundaries', tag: 'Units', summary: 'Boundaries of the units in scope', access: 'session', screen: true, scope: { kind: 'filter' }, answer: boundariesAnswer,
      async handle({ session }) { return { grid: config.boundaries?.grid ?? 0, units: units.filter((one) => session.scope.has(one.code)) }; },
    }),
    route({
      method: 'get', path: '/map/tiles/:z/:x/:y', tag: 'Units', summary: 'A tile of the base map that lies in a file', access: 'session', screen: true, scope: { kind: 'none' }, params: z.object({ z: whole.max(26), x: whole, y: whole }), answer: null,
      async handle({ params, response }) {
        if (params.x >= 2 ** params.z || params.y >= 2 ** params.z) throw new Fault('not_found', 'no such tile');
        const tile = file === null ? null : await file.tile(params.z, params.x, params.y);
        if (tile === null) throw new Fault('not_found', 'no such tile');
        response.setHeader('Cache-Control', 'private, max-age=86400');
        response.type(file?.contentType ?? 'image/png').send(Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength));
      },
    }),
  ];
}

/**
 * Boundaries of units: a GeoJSON file that the configuration names (RFC 7946: WGS 84, longitude first). Checked whole before
 * anything runs; each finding names the feature. Kept no finer than a map on a screen can show.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Report } from './yamlFile.ts';

export type Ring = [lon: number, lat: number][];
/** Polygons of a unit, each an outer ring and its holes. */
export interface Boundary { code: string; polygons: Ring[][] }
export interface Boundaries { units: Boundary[]; /** Features whose code is in no tree. */ unknown: string[]; /** Degrees to which points were brought together: neighbours keep one border. */ grid: number }

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_FEATURES = 20_000;
/** So many points of all rings go to a screen. */
const MOST_POINTS = 60_000;
/** About 11 m, then coarser; 0.01 is a kilometre. */
const GRIDS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01];
/** Viet Nam with its sea; what lies outside is in another projection, or latitude first. */
const LON = [101, 118] as const;
const LAT = [4, 24] as const;

/** Null when something was reported. `property`: which property of a feature holds the code of its unit. */
export function readBoundaries(path: string, name: string, property: string, codes: ReadonlySet<string>, report: Report): Boundaries | null {
  let source: string;
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) { report(name, `is ${Math.ceil(size / 1024 / 1024)} MB large; at most ${MOST_BYTES / 1024 / 1024} MB (simplify it, for example with mapshaper)`); return null; }
    source = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) { report(name, (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the file is missing' : String(error)); return null; }
  let document: unknown;
  try { document = JSON.parse(source); } catch (error) { const text = (error as Error).message; report(`${name}${placeOf(text, source)}`, `is no JSON: ${text.slice(0, 120).replace(/\s+/g, ' ')}`); return null; }
  const { type, features } = (document ?? {}) as { type?: unknown; features?: unknown };
  if (type !== 'FeatureCollection' || !Array.isArray(features)) { report(name, 'type: must be a FeatureCollection with features (GeoJSON, RFC 7946)'); return null; }
  if (features.length > MOST_FEATURES) { report(name, `features: ${features.length}; at most ${MOST_FEATURES}`); return null; }

  const found = new Map<string, Ring[][]>();
  const unknown: string[] = [];
  let faults = 0;
  const wrong = (i: number, text: string) => { faults += 1; if (faults <= 20) report(name, `features.${i}.${text}`); };
  for (const [i, feature] of (features as { properties?: Record<string, unknown> | null; geometry?: { type?: unknown; coordinates?: unknown } | null }[]).entries()) {
    const given = feature?.properties?.[property];
    if (typeof given !== 'string' && typeof given !== 'number') { wrong(i, `properties.${property}: must hold the code of a unit (map.codeProperty says which property does)`); continue; }
    const code = String(given).trim();
    const { geometry } = feature;
    if (geometry?.type !== 'Polygon' && geometry?.type !== 'MultiPolygon') { wrong(i, `geometry.type: «${String(geometry?.type ?? null)}» is none of Polygon, MultiPolygon`); continue; }
    const text = faultOf(geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates);
    if (text !== null) { wrong(i, `geometry.coordinates: ${text}`); continue; }
    const polygons = (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates) as Ring[][];
    if (!codes.has(code)) { unknown.push(code); continue; }
    found.set(code, [...(found.get(code) ?? []), ...polygons]);
  }
  if (faults > 20) report(name, `${faults - 20} more features are wrong`);
  if (faults === 0 && found.size === 0) { report(name, `no feature names a unit of the tree by its property «${property}»${unknown.length > 0 ? `; it holds for example «${unknown[0]}»` : ''}`); return null; }
  if (faults > 0) return null;
  const all = [...found].map(([code, polygons]): Boundary => ({ code, polygons: polygons.map((rings) => rings.map((ring) => ring.map(([lon, lat]): [number, number] => [lon, lat]))) }));
  for (const grid of GRIDS) {
    const coarse = all.map(({ code, polygons }) => ({ code, polygons: snap(polygons, grid) }));
    if (grid === GRIDS.at(-1) || coarse.reduce((sum, one) => sum + pointsOf(one), 0) <= MOST_POINTS) return { units: coarse.filter((one) => one.polygons.length > 0), unknown, grid };
  }
  return null;
}
/** Where the parser stopped: it names the position, or quotes what it found there. */
function placeOf(text: string, source: string): string {
  const position = /position (\d+)/.exec(text)?.[1];
  const quoted = /"((?:\.\.\.)?)([\s\S]*)"(?:\.\.\.)? is not valid/.exec(text)?.[2] ?? '';
  const at = position !== undefined ? Number(position) : quoted === '' ? source.length : source.indexOf(quoted) + quoted.length;
  return `:${source.slice(0, at).split('\n').length}:1`;
}
const pointsOf = ({ polygons }: Boundary) => polygons.reduce((sum, rings) => sum + rings.reduce((all, ring) => all + ring.length, 0), 0);

/** Null when the polygons are as they must be. */
function faultOf(polygons: unknown): string | null {
  if (!Array.isArray(polygons) || polygons.length === 0) return 'is empty';
  for (const rings of polygons as unknown[]) {
    if (!Array.isArray(rings) || rings.length === 0) return 'a polygon has no ring';
    for (const ring of rings as unknown[]) {
      if (!Array.isArray(ring) || ring.length < 4) return 'a ring has fewer than four points';
      for (const point of ring as unknown[]) {
        const [lon, lat] = Array.isArray(point) ? point as unknown[] : [];
        if (typeof lon !== 'number' || typeof lat !== 'number' || !Number.isFinite(lon) || !Number.isFinite(lat)) return 'a point is not two numbers';
        if (lon < LON[0] || lon > LON[1] || lat < LAT[0] || lat > LAT[1]) return `[${lon}, ${lat}] lies outside Viet Nam; longitude goes first, in degrees of WGS 84 (not in metres of VN-2000)`;
      }
    }
  }
  return null;
}

/** Points are brought to a grid: two units that share a border share it afterwards, with no gap between them. */
function snap(polygons: readonly Ring[][], grid: number): Ring[][] {
  const to = (value: number) => Math.round(Math.round(value / grid) * grid * 1e6) / 1e6;
  return polygons.flatMap((rings): Ring[][] => {
    const kept = rings.flatMap((ring, i): Ring[] => {
      const out: Ring = [];
      for (const [lon, lat] of ring) { const point: [number, number] = [to(lon), to(lat)]; const last = out.at(-1); if (!last || last[0] !== point[0] || last[1] !== point[1]) out.push(point); }
      // An outer ring that became too small takes its holes with it.
      return out.length >= 4 ? [out] : i === 0 ? [[]] : [];
    });
    return kept[0] === undefined || kept[0].length === 0 ? [] : [kept];
  });
}

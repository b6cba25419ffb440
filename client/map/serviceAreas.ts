/**
 * Approximate service areas: each point belongs to the nearest desk, within a hull round all of them. Cells are cut by
 * the hull and not pulled in one by one, so that neighbours share their borders and no holes stay between them.
 */
import { Delaunay } from 'd3-delaunay';

interface Place { code: string; lat: number | null; lon: number | null }
type Point = [lon: number, lat: number];
type Ring = [lat: number, lon: number][];
/** `ring` in Leaflet's order, latitude first; several where the real boundary around it has islands. */
export interface Area { code: string; rings: Ring[] }

/** Degrees by which the hull stands out beyond the outermost desks: about 6 km. */
export const AREA_MARGIN = 0.055;

/** `within`: the real outer rings of what a unit belongs to, latitude first, where they are known; its area ends there. */
export function serviceAreas(units: readonly Place[], within: (code: string) => readonly Ring[] | undefined = () => undefined): Area[] {
  const placed = units.filter((unit): unit is Place & { lat: number; lon: number } => unit.lat !== null && unit.lon !== null);
  if (placed.length < 3) return [];
  const points = placed.map((unit): Point => [unit.lon, unit.lat]);
  const hull = hullRound(points);
  const real = placed.map((unit) => within(unit.code)?.map((ring) => ring.map(([lat, lon]): Point => [lon, lat])));
  const all = [...hull, ...real.flatMap((rings) => rings?.flat() ?? [])];
  const [lons, lats] = [all.map(([lon]) => lon), all.map(([, lat]) => lat)];
  // Not by spreading into Math.min: a boundary may have a hundred thousand points.
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  const voronoi = Delaunay.from(points).voronoi([least(lons), least(lats), most(lons), most(lats)]);
  return placed.flatMap((unit, i) => {
    const cell = voronoi.cellPolygon(i) as Point[] | null;
    const open = cell ? cell.slice(0, -1) : [];
    // A cell is convex, so it may cut a boundary that is not.
    const rings = open.length < 3 ? [] : (real[i]?.map((ring) => cut(ring, open)) ?? [cut(open, hull)]).filter((ring) => ring.length >= 3);
    return rings.length === 0 ? [] : [{ code: unit.code, rings: rings.map((ring) => ring.map(([lon, lat]): [number, number] => [lat, lon])) }];
  });
}

/** The convex hull of circles round the points, anticlockwise. */
function hullRound(points: readonly Point[]): Point[] {
  const grown = points.flatMap(([lon, lat]) => Array.from({ length: 12 }, (_, i): Point => [lon + AREA_MARGIN * Math.cos((i * Math.PI) / 6), lat + AREA_MARGIN * Math.sin((i * Math.PI) / 6)]));
  return [...Delaunay.from(grown).hull].flatMap((i) => { const point = grown[i]; return point ? [point] : []; });
}

/** A polygon cut by a convex one (Sutherland and Hodgman, 1974). */
function cut(polygon: readonly Point[], by: readonly Point[]): Point[] {
  const middle: Point = [by.reduce((sum, [lon]) => sum + lon, 0) / by.length, by.reduce((sum, [, lat]) => sum + lat, 0) / by.length];
  let kept: Point[] = [...polygon];
  by.forEach((a, i) => {
    const b = by[(i + 1) % by.length] ?? a;
    const side = (p: Point) => (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
    // Which way round the hull runs is asked of its middle.
    const sign = Math.sign(side(middle));
    const inside = (p: Point) => side(p) * sign >= 0;
    kept = kept.flatMap((point, j): Point[] => {
      const before = kept.at(j - 1) ?? point;
      const from = side(before);
      const to = side(point);
      const crossing: Point[] = inside(point) === inside(before) ? [] : [[before[0] + ((point[0] - before[0]) * from) / (from - to), before[1] + ((point[1] - before[1]) * from) / (from - to)]];
      return inside(point) ? [...crossing, point] : crossing;
    });
  });
  return kept;
}

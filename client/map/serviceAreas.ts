/** Approximate service areas: each point belongs to the nearest desk, within a hull round all of them. */
import { Delaunay } from 'd3-delaunay';

interface Place { code: string; lat: number | null; lon: number | null }
export interface Area { code: string; ring: [number, number][] }

export function serviceAreas(units: readonly Place[]): Area[] {
  if (units.length < 3) return [];
  const points = units.map((unit): [number, number] => [unit.lon ?? 0, unit.lat ?? 0]);
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  const margin = 0.06;
  const bounds: [number, number, number, number] = [Math.min(...lons) - margin, Math.min(...lats) - margin, Math.max(...lons) + margin, Math.max(...lats) + margin];
  const voronoi = Delaunay.from(points).voronoi(bounds);
  const reach = 0.085;
  return units.flatMap((unit, i) => {
    const cell = voronoi.cellPolygon(i) as [number, number][] | null;
    const centre = points[i];
    if (!cell || !centre) return [];
    // No desk serves farther than this: the outer cells do not run out to the frame.
    return [{ code: unit.code, ring: cell.map(([lon, lat]): [number, number] => {
      const far = Math.hypot(lon - centre[0], lat - centre[1]);
      const scale = far > reach ? reach / far : 1;
      return [centre[1] + (lat - centre[1]) * scale, centre[0] + (lon - centre[0]) * scale];
    }) }];
  });
}

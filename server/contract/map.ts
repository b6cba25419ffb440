/** What the map is drawn from: the boundaries of units and a base map, both by configuration, and neither needed. */
import { z } from 'zod';

export const mapAnswer = z.object({
  /** Tiles of the base map; null: none, the map is drawn on plain ground. */
  base: z.object({ url: z.string(), attribution: z.string(), minZoom: z.int(), maxZoom: z.int() }).nullable(),
  /** How many units of the scope have a boundary; the others get an approximate area. */
  boundaries: z.int(),
}).meta({ id: 'Map' });
export type MapAnswer = z.infer<typeof mapAnswer>;
const ring = z.array(z.tuple([z.number(), z.number()]));
/** Rings as in GeoJSON: longitude first, the outer one and then its holes. */
export const boundariesAnswer = z.object({ grid: z.number(), units: z.array(z.object({ code: z.string(), polygons: z.array(z.array(ring)) })) }).meta({ id: 'Boundaries' });
export type BoundariesAnswer = z.infer<typeof boundariesAnswer>;

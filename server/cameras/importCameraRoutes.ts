/** POST /cameras/import: a table of cameras, looked at first or saved. */
import { cameraImport, cameraImportQuery } from '#contract/cameraImport.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { importCameras } from './importCameras.ts';
import type { SaveParts } from './saveCamera.ts';

export function importCameraRoutes(parts: SaveParts & { units: Units; changed: () => void }): Route[] {
  return [
    route({
      method: 'post', path: '/cameras/import', tag: 'Cameras', summary: 'Cameras from a CSV (the body as it is, 1 MB and 2,000 rows at most): good rows are saved, each other with row, column and cause; with dryRun=yes nothing is saved', access: ['admin'], scope: { kind: 'filter' },
      query: cameraImportQuery, rawBody: { limit: '1mb', types: ['text/csv', 'application/octet-stream'] }, answer: cameraImport,
      async handle({ session, query, request }) {
        const body = request.body as unknown;
        const done = await importCameras(parts, session, Buffer.isBuffer(body) ? body : Buffer.alloc(0), query.dryRun === 'yes');
        if (!done.dryRun && done.good > 0) parts.changed();
        return done;
      },
    }),
  ];
}

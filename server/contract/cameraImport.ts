/** Cameras from a table: what became of each row. A password is never in an answer. */
import { z } from 'zod';

/** The columns, by these names or their Vietnamese ones (server/cameras/importCameras.ts). */
export const CAMERA_COLUMNS = ['id', 'unit', 'counter', 'name', 'position', 'url', 'subUrl', 'username', 'password', 'transport', 'enabled'] as const;
export type CameraColumn = (typeof CAMERA_COLUMNS)[number];

export const cameraImportQuery = z.object({ /** Only looks: nothing is saved. */ dryRun: z.enum(['yes', 'no']).default('no') });
const said = z.object({ cause: z.string(), next: z.string() });
export const cameraImport = z.object({
  dryRun: z.boolean(), encoding: z.string(), rows: z.int(), good: z.int(), refused: z.int(),
  results: z.array(z.object({
    /** As a spreadsheet counts; the header is row 1. */
    row: z.int(), id: z.string().nullable(), unit: z.string().nullable(), name: z.string().nullable(),
    refusal: z.object({ column: z.string().nullable(), code: z.string(), messages: z.object({ vi: said, en: said }) }).nullable(),
  })),
}).meta({ id: 'CameraImport' });
export type CameraImport = z.infer<typeof cameraImport>;

/** A base map in one file (PMTiles, version 3) beside the centre: its tiles are read here, so that a closed network needs no other server. */
import { open, type FileHandle } from 'node:fs/promises';
import { PMTiles, TileType, type RangeResponse, type Source } from 'pmtiles';

/** A request of the library for more than this is a broken file. */
const MOST_BYTES = 32 * 1024 * 1024;
const KINDS = new Map([[TileType.Png, 'image/png'], [TileType.Jpeg, 'image/jpeg'], [TileType.Webp, 'image/webp'], [TileType.Avif, 'image/avif']]);
export interface TileFile { minZoom: number; maxZoom: number; attribution: string; contentType: string; tile(z: number, x: number, y: number): Promise<Uint8Array | null>; close(): Promise<void> }

/** Throws with a sentence for whoever edits the configuration. */
export async function openTileFile(path: string): Promise<TileFile> {
  const file = await open(path, 'r').catch((error: unknown) => { throw new Error((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the file is missing' : String(error)); });
  try {
    const archive = new PMTiles(sourceOf(file, path));
    const header = await archive.getHeader().catch((error: unknown) => { throw new Error(`is no PMTiles file: ${(error as Error).message}`); });
    const contentType = KINDS.get(header.tileType);
    if (contentType === undefined) throw new Error(header.tileType === TileType.Mvt ? 'holds vector tiles; only pictures are shown (PNG, JPEG, WebP, AVIF): make a raster file of it' : 'holds tiles of an unknown kind');
    const { attribution } = await archive.getMetadata().catch(() => ({})) as { attribution?: unknown };
    return {
      minZoom: header.minZoom, maxZoom: header.maxZoom, contentType, attribution: typeof attribution === 'string' ? attribution : '',
      async tile(z, x, y) { const found = await archive.getZxy(z, x, y); return found ? new Uint8Array(found.data) : null; },
      async close() { await file.close(); },
    };
  } catch (error) { await file.close(); throw error; }
}

function sourceOf(file: FileHandle, key: string): Source {
  return {
    getKey: () => key,
    async getBytes(offset: number, length: number): Promise<RangeResponse> {
      if (!(length >= 0 && length <= MOST_BYTES)) throw new Error(`asks for ${length} bytes at once`);
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
      return { data: buffer.buffer.slice(0, bytesRead) };
    },
  };
}

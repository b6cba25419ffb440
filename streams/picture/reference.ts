/** The picture to which later ones are compared: one grey file a camera, named by the confirmation that it belongs to. */
import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PIXELS, type Picture } from './measures.ts';

export interface Reference { of: string; picture: Picture }

export interface References {
  read(camera: string): Promise<Reference | null>;
  keep(camera: string, reference: Reference | null): Promise<void>;
}

export function openReferences(directory: string): References {
  const ready = mkdir(directory, { recursive: true, mode: 0o700 });
  const filesOf = async (camera: string): Promise<string[]> => { await ready; return (await readdir(directory)).filter((name) => name.startsWith(`${camera}@`) && /@\d{1,15}\.gray$/.test(name)); };
  return {
    async read(camera) {
      for (const name of await filesOf(camera)) {
        const picture = await readFile(join(directory, name)).catch(() => null);
        if (picture?.length === PIXELS) return { of: new Date(Number(/@(\d+)\.gray$/.exec(name)?.[1])).toISOString(), picture: new Uint8Array(picture) };
      }
      return null;
    },
    async keep(camera, reference) {
      const before = await filesOf(camera);
      const name = reference === null ? null : `${camera}@${Date.parse(reference.of)}.gray`;
      if (reference !== null && name !== null) {
        await writeFile(join(directory, `${name}.new`), reference.picture, { mode: 0o600 });
        await rename(join(directory, `${name}.new`), join(directory, name));
      }
      for (const old of before) if (old !== name) await unlink(join(directory, old)).catch(() => undefined);
    },
  };
}

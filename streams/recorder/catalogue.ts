/** The recordings on this node's disk, in memory: by camera, in the order of time. Made from the journal, never the other way. */
import type { JournalEntry } from '#contract/node.ts';

export interface Segment { file: string; fromMs: number; toMs: number; bytes: number; sha256: string; previous: string | null; chain: string | null }

export class Catalogue {
  readonly #cameras = new Map<string, Segment[]>();
  readonly #files = new Set<string>();
  readonly #bytes = new Map<string, number>();

  apply(entry: JournalEntry): void {
    if (entry.type === 'deleted') { this.#remove(entry.camera, entry.file); return; }
    if (entry.type !== 'segment' || this.has(entry.camera, entry.file)) return;
    const segments = this.#cameras.get(entry.camera) ?? [];
    this.#cameras.set(entry.camera, segments);
    const segment = { file: entry.file, fromMs: Date.parse(entry.from), toMs: Date.parse(entry.to), bytes: entry.bytes, sha256: entry.sha256, previous: entry.previous ?? null, chain: entry.chain ?? null };
    let at = segments.length;
    while (at > 0 && (segments[at - 1]?.fromMs ?? 0) > segment.fromMs) at -= 1;
    segments.splice(at, 0, segment);
    this.#files.add(`${entry.camera}/${entry.file}`);
    this.#bytes.set(entry.camera, this.bytes(entry.camera) + entry.bytes);
  }

  #remove(camera: string, file: string): void {
    const segments = this.#cameras.get(camera);
    const at = segments?.findIndex((one) => one.file === file) ?? -1;
    const [gone] = at >= 0 ? segments?.splice(at, 1) ?? [] : [];
    if (gone !== undefined) this.#bytes.set(camera, this.bytes(camera) - gone.bytes);
    this.#files.delete(`${camera}/${file}`);
  }

  has(camera: string, file: string): boolean { return this.#files.has(`${camera}/${file}`); }
  cameras(): string[] { return [...this.#cameras.keys()]; }
  bytes(camera: string): number { return this.#bytes.get(camera) ?? 0; }
  last(camera: string): Segment | null { return this.#cameras.get(camera)?.at(-1) ?? null; }
  oldest(camera: string, among: (segment: Segment) => boolean = () => true): Segment | null { return this.#cameras.get(camera)?.find(among) ?? null; }

  /** Segments that touch [from, to), oldest first. */
  between(camera: string, fromMs: number, toMs: number): Segment[] {
    return (this.#cameras.get(camera) ?? []).filter((one) => one.toMs > fromMs && one.fromMs < toMs);
  }
}

/** A small PMTiles file (version 3, nothing packed) with pictures made here, and the pictures themselves. */
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { zxyToTileId } from 'pmtiles';

/** A square PNG of one colour with a lighter edge, so that one sees where tiles meet. */
export function squarePng(size: number, [r, g, b]: [number, number, number]): Buffer {
  const rows = Buffer.alloc(size * (size * 3 + 1));
  for (let y = 0; y < size; y += 1) for (let x = 0; x < size; x += 1) { const edge = x < 2 || y < 2 ? 60 : 0; rows.set([r + edge, g + edge, b + edge], y * (size * 3 + 1) + 1 + x * 3); }
  const chunk = (type: string, data: Buffer) => { const body = Buffer.concat([Buffer.from(type, 'latin1'), data]); const out = Buffer.alloc(body.length + 8); out.writeUInt32BE(data.length, 0); body.copy(out, 4); out.writeUInt32BE(crc32(body), body.length + 4); return out; };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function varint(value: number): number[] { const out: number[] = []; let left = value; while (left > 127) { out.push((left % 128) + 128); left = Math.floor(left / 128); } out.push(left); return out; }

/** `kind`: 2 PNG, 1 vector. */
export function writeTileFile(path: string, tiles: readonly { z: number; x: number; y: number; data: Buffer }[], kind = 2, metadata: object = { attribution: '<a href="x">Bản đồ thử</a>' }): void {
  const sorted = [...tiles].map((tile) => ({ ...tile, id: zxyToTileId(tile.z, tile.x, tile.y) })).sort((a, b) => a.id - b.id);
  const root = Buffer.from([...varint(sorted.length), ...sorted.flatMap((tile, i) => varint(tile.id - (sorted[i - 1]?.id ?? 0))), ...sorted.flatMap(() => varint(1)), ...sorted.flatMap((tile) => varint(tile.data.length)), ...sorted.flatMap((_, i) => varint(i === 0 ? 1 : 0))]);
  const about = Buffer.from(JSON.stringify(metadata));
  const data = Buffer.concat(sorted.map((tile) => tile.data));
  const header = Buffer.alloc(127);
  header.write('PMTiles', 0, 'latin1');
  header[7] = 3;
  const rootAt = 127;
  for (const [i, value] of [rootAt, root.length, rootAt + root.length, about.length, 0, 0, rootAt + root.length + about.length, data.length, sorted.length, sorted.length, sorted.length].entries()) header.writeBigUInt64LE(BigInt(value), 8 + i * 8);
  const zooms = sorted.map((tile) => tile.z);
  header.set([1, 1, 1, kind, Math.min(...zooms), Math.max(...zooms)], 96);
  writeFileSync(path, Buffer.concat([header, root, about, data]));
}

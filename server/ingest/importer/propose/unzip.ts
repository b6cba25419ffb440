/**
 * A workbook from a stranger, unpacked under a limit and packed again without compression: what the reader of workbooks
 * gets then is as large as it looks. Sizes that the file itself names are not believed.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { problem } from '../texts.ts';

const MOST_PARTS = 500;
const MB = 1_048_576;

/** Throws an ImportProblem when it is broken or unpacks to more than `limit` bytes. */
export function boundedWorkbook(bytes: Buffer, limit: number): Buffer {
  const bomb = () => problem('bomb', Math.round(limit / MB));
  const parts = new Map<string, Buffer>();
  let left = limit;
  try {
    const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
    if (end < 0) throw bomb();
    const count = bytes.readUInt16LE(end + 10);
    if (count > MOST_PARTS) throw bomb();
    let at = bytes.readUInt32LE(end + 16);
    for (let i = 0; i < count; i += 1) {
      if (bytes.readUInt32LE(at) !== 0x02014b50) throw bomb();
      const [method, size, local] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
      const [nameSize, extra, note] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32)];
      const name = bytes.toString('utf8', at + 46, at + 46 + nameSize);
      at += 46 + nameSize + extra + note;
      // Pictures, macros and the like are not read.
      if (!/\.(xml|rels)$/i.test(name)) continue;
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const packed = bytes.subarray(start, start + size);
      const content = method === 0 ? packed : method === 8 ? inflateRawSync(packed, { maxOutputLength: Math.max(1, left) }) : null;
      if (content === null || packed.length !== size || content.length > left) throw bomb();
      left -= content.length;
      parts.set(name, content);
    }
  } catch { throw bomb(); }
  return stored(parts);
}

function stored(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    // Names are UTF-8.
    common.writeUInt16LE(20, 0); common.writeUInt16LE(0x0800, 2); common.writeUInt32LE(crc32(bytes), 10); common.writeUInt32LE(bytes.length, 14); common.writeUInt32LE(bytes.length, 18); common.writeUInt16LE(path.length, 22);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, central, path]));
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, path, bytes);
    offset += 30 + path.length + bytes.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4); end.writeUInt16LE(entries.length, 6); end.writeUInt32LE(directory.length, 8); end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

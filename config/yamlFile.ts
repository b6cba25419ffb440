/** A YAML file read strictly: every finding with file, line, column and key. */
import { readFileSync } from 'node:fs';
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

export type Report = (place: string, text: string) => void;

/** Null when something was reported. */
export function readYaml<T>(path: string, name: string, schema: z.ZodType<T>, report: Report, change: (value: unknown) => unknown = (value) => value): T | null {
  let source: string;
  try { source = readFileSync(path, 'utf8'); } catch (error) { report(name, (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the file is missing' : String(error)); return null; }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    for (const error of document.errors) { const at = lines.linePos(error.pos[0]); report(`${name}:${at.line}:${at.col}`, error.message); }
    return null;
  }
  const result = schema.safeParse(change(document.toJS() ?? {}));
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path_ of keys) report(`${name}${placeOf(document, lines, path_)}`, `${path_.join('.')}: ${issue.code === 'unrecognized_keys' ? 'unknown key' : issue.message}`);
  }
  return null;
}

/** The place of a key, or of the nearest thing above it that is in the file. */
function placeOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const parent = length === 0 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = isMap(parent) ? parent.items.find((item) => String((item.key as { value?: unknown } | null)?.value) === String(path[length - 1])) : undefined;
    const node = (key?.key ?? document.getIn(path.slice(0, length), true)) as { range?: [number, number, number] | null } | undefined;
    if (isNode(node) && node.range) { const at = lines.linePos(node.range[0]); return `:${at.line}:${at.col}`; }
  }
  return ':1:1';
}

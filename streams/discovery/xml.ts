/** XML of strangers: no document type, no entities but the five of the language, bounded in size; prefixes do not matter. */
import { XMLParser } from 'fast-xml-parser';

const LONGEST = 256 * 1024;
const DEEPEST = 40;
const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', removeNSPrefix: true, processEntities: false, parseTagValue: false, parseAttributeValue: false, trimValues: true });

export type Node = { readonly [name: string]: unknown };
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null when it is no XML that a camera has reason to send. */
export function parseXml(text: string): Node | null {
  if (text.length > LONGEST || /<!DOCTYPE|<!ENTITY/i.test(text) || depthOf(text) > DEEPEST) return null;
  try { const parsed: unknown = parser.parse(text); return isNode(parsed) ? parsed : null; } catch { return null; }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [tag] of text.matchAll(/<\/?[A-Za-z_][^<>]{0,4000}>/g)) {
    if (tag.startsWith('</')) depth -= 1;
    else if (!tag.endsWith('/>')) deepest = Math.max(deepest, depth += 1);
  }
  return deepest;
}

/** The nodes at a path, whether one or many stand there. */
export function nodesAt(node: unknown, ...path: string[]): Node[] {
  let here: unknown[] = [node];
  for (const name of path) here = here.flatMap((one) => (isNode(one) ? [one[name]] : [])).flatMap((one) => (Array.isArray(one) ? one as unknown[] : one === undefined ? [] : [one]));
  return here.filter(isNode);
}
/** The text at a path, its five entities read; null when there is none. */
export function textAt(node: unknown, ...path: string[]): string | null {
  const name = path.at(-1) ?? '';
  const holder = path.length > 1 ? nodesAt(node, ...path.slice(0, -1))[0] : isNode(node) ? node : undefined;
  const value = holder?.[name];
  const one: unknown = Array.isArray(value) ? value[0] : value;
  const text = isNode(one) ? one['#text'] : one;
  return typeof text === 'string' ? text.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ({ lt: '<', gt: '>', quot: '"', apos: '\'', amp: '&' })[entity] ?? '').slice(0, 2000) : null;
}
export const escapeXml = (text: string): string => text.replace(/[<>&"']/g, (letter) => `&#${letter.codePointAt(0) ?? 63};`);

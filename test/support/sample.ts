/** Inputs that fit a schema, and inputs that nearly do: what a real client sends, with one thing changed. */
import { z } from 'zod';
import type { Dice } from './fuzz.ts';

interface Schema { type?: string | string[]; enum?: unknown[]; const?: unknown; anyOf?: Schema[]; oneOf?: Schema[]; allOf?: Schema[]; $ref?: string; $defs?: Record<string, Schema>; properties?: Record<string, Schema>; required?: string[]; items?: Schema; minItems?: number; minimum?: number; maximum?: number; minLength?: number; pattern?: string; format?: string }
/** What a name usually holds. */
const KNOWN: Record<string, readonly unknown[]> = {
  unit: ['75', '731', '26068'], units: ['75', '26068'], from: ['2026-01-01', '2026-01-05T08:00:00+07:00'], to: ['2026-01-31', '2026-01-05T09:00:00+07:00'], at: ['2026-01-05T08:00:00+07:00'], period: ['2026-01', '2026-Q1', '2026'], camera: ['fuzz-1'], cameras: ['fuzz-1'],
  id: ['fuzz-1', '1'], username: ['fuzz-user', 'nobody'], name: ['received', 'fuzz'], procedure: ['1.004199'], status: ['received'], url: ['rtsp://127.0.0.1:9/x'], set: ['decision-766'], day: ['2026-01-05'], code: ['123456'], scene: ['toan-canh'],
};
const schemas = new WeakMap<z.ZodType, Schema>();
export function schemaOf(type: z.ZodType): Schema {
  let made = schemas.get(type);
  if (!made) schemas.set(type, made = z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as Schema);
  return made;
}

export function sampleOf(type: z.ZodType, dice: Dice): unknown { const root = schemaOf(type); return sample(root, root, dice, '', 0); }

function sample(schema: Schema, root: Schema, dice: Dice, name: string, depth: number): unknown {
  if (depth > 8) return null;
  if (schema.$ref !== undefined) return sample(schema.$ref === '#' ? root : root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {}, root, dice, name, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return dice.pick(schema.enum);
  const one = schema.anyOf ?? schema.oneOf;
  if (one !== undefined) return sample(dice.pick(one), root, dice, name, depth + 1);
  const kind = Array.isArray(schema.type) ? dice.pick(schema.type) : schema.type;
  if (kind === 'object' || schema.properties) {
    const made: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(schema.properties ?? {})) if (schema.required?.includes(key) === true || dice.below(2) === 0) made[key] = sample(inner, root, dice, key, depth + 1);
    return made;
  }
  if (kind === 'array') return Array.from({ length: Math.max(schema.minItems ?? 0, 1 + dice.below(3)) }, () => sample(schema.items ?? {}, root, dice, name, depth + 1));
  if (kind === 'integer' || kind === 'number') { const [low, high] = [Math.max(schema.minimum ?? 0, -1e6), Math.min(schema.maximum ?? 100, 1e6)]; return low + dice.below(Math.max(1, Math.floor(high - low) + 1)); }
  if (kind === 'boolean') return dice.below(2) === 0;
  if (kind === 'null') return null;
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known) return dice.pick(known);
  return schema.format === 'date-time' ? '2026-01-05T08:00:00+07:00' : `fuzz ${dice.below(50)}`.padEnd(schema.minLength ?? 0, 'x');
}

/** One thing of it changed, lost, put elsewhere or made nasty; one time in three it stays as it is. */
export function mutated(value: unknown, dice: Dice): unknown {
  if (dice.below(3) === 0) return value;
  return changed(value, dice, 0);
}
function changed(value: unknown, dice: Dice, depth: number): unknown {
  if (Array.isArray(value) && value.length > 0 && dice.below(4) > 0) {
    const all = [...value] as unknown[];
    const at = dice.below(all.length);
    if (dice.below(5) === 0) all.push(all[at], all[at]); else all[at] = changed(all[at], dice, depth + 1);
    return all;
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0 && (depth > 0 || dice.below(8) > 0)) {
    const all: Record<string, unknown> = { ...value as Record<string, unknown> };
    const key = dice.pick(Object.keys(all));
    const what = dice.below(6);
    if (what === 0) delete all[key];
    else if (what === 1) Object.defineProperty(all, dice.pick(['__proto__', 'constructor', 'x', '']), { value: dice.value(), enumerable: true, configurable: true, writable: true });
    else all[key] = changed(all[key], dice, depth + 1);
    return all;
  }
  if (typeof value === 'string' && dice.below(2) === 0) { const at = dice.below(value.length + 1); return value.slice(0, at) + dice.text() + value.slice(at); }
  return dice.value(depth);
}

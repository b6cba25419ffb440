/** The OpenAPI document, made from the routes themselves. */
import { z } from 'zod';
import { FAULTS } from '#contract/faults.ts';
import type { Route } from './route.ts';

type Schema = Record<string, unknown>;

export function openapi(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Record<string, Schema> = {};
  const schemaOf = (type: z.ZodType, io: 'input' | 'output'): Schema => {
    const made = z.toJSONSchema(type, { io, target: 'draft-2020-12', unrepresentable: 'any' }) as Schema;
    delete made.$schema;
    const id = type.meta()?.id;
    for (const [name, inner] of Object.entries((made.$defs ?? {}) as Record<string, Schema>)) schemas[name] = repoint(inner);
    delete made.$defs;
    if (id === undefined) return repoint(made);
    schemas[id] = repoint(made);
    return { $ref: `#/components/schemas/${id}` };
  };
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`;
    const parameters = [...fieldsOf(route.params, 'path', schemaOf), ...fieldsOf(route.query, 'query', schemaOf)];
    (paths[path] ??= {})[route.method] = {
      operationId: `${route.method}${route.path.replace(/[/:.-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
      summary: route.summary, tags: [route.tag], parameters,
      'x-access': route.access, 'x-scope': route.scope,
      security: route.access === 'public' ? [] : route.access === 'key' ? [{ ingestKey: [] }, { ingestKeyId: [], ingestTimestamp: [], ingestNonce: [], ingestSignature: [] }] : route.access === 'node' ? [{ nodeSecret: [] }] : route.access === 'screen' ? [{ screen: [] }] : [{ session: [] }, ...(route.screen ? [{ screen: [] }] : [])],
      ...(route.body ? { requestBody: { required: true, content: Object.fromEntries((route.rawBody ? ['application/json', 'application/x-ndjson'] : ['application/json']).map((type) => [type, { schema: schemaOf(route.body as z.ZodType, 'input') }])) } }
        : route.rawBody?.types ? { requestBody: { required: true, content: Object.fromEntries(route.rawBody.types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])) } } : {}),
      responses: {
        [String(route.status ?? 200)]: route.answer ? { description: 'OK', content: { 'application/json': { schema: schemaOf(route.answer, 'output') } } } : { description: 'OK' },
        default: { description: 'A problem document', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
      },
    };
  }
  schemas.Problem = {
    type: 'object', required: ['type', 'title', 'status', 'code', 'cause', 'next', 'requestId'],
    properties: {
      type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' }, instance: { type: 'string' },
      code: { type: 'string', enum: Object.keys(FAULTS) }, cause: { type: 'string' }, next: { type: 'string' }, requestId: { type: 'string' },
      messages: { type: 'object' }, errors: { type: 'array', items: { type: 'object' } },
    },
  };
  return {
    openapi: '3.1.0',
    info: { title: 'Toàn Cảnh', version, license: { name: 'Apache-2.0' }, description: 'Figures, queues and pictures of a province\'s one-stop desks. Times are ISO 8601 with an offset; days are those of the centre\'s zone; rates are fractions 0..1, null where nothing was counted.' },
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'session' },
        screen: { type: 'apiKey', in: 'cookie', name: 'screen', description: 'Of a paired screen: only what says so, read-only, within its unit.' },
        ingestKey: { type: 'http', scheme: 'bearer', description: 'From POST /ingest-keys; shown once.' },
        ingestKeyId: { type: 'apiKey', in: 'header', name: 'X-Key', description: 'Signed form: the id of the key.' },
        ingestTimestamp: { type: 'apiKey', in: 'header', name: 'X-Timestamp', description: 'Seconds since 1970, at most 300 s off.' },
        ingestNonce: { type: 'apiKey', in: 'header', name: 'X-Nonce', description: '16 to 64 of letters, digits, «_», «-»; new for every request.' },
        ingestSignature: { type: 'apiKey', in: 'header', name: 'X-Signature', description: 'HMAC-SHA-256 in hex under the key over: method, path with query, X-Timestamp, X-Nonce, SHA-256 in hex of the body before compression; joined by \\n. Example for curl and openssl: docs/ingest-signing.md.' },
        nodeSecret: { type: 'http', scheme: 'bearer', description: 'Of a media node.' },
      },
    },
  };
}

function repoint<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as T;
}

function fieldsOf(type: z.ZodType | undefined, place: 'path' | 'query', schemaOf: (type: z.ZodType, io: 'input') => Schema) {
  if (!(type instanceof z.ZodObject)) return [];
  return Object.entries(type.shape as Record<string, z.ZodType>).map(([name, field]) => ({
    name, in: place, required: place === 'path' || !field.safeParse(undefined).success, schema: schemaOf(field, 'input'),
  }));
}

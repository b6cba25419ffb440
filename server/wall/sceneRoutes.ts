/** Scenes over HTTP: list, read, create, change, versions, archive; export and import as a file. */
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { unitCode } from '#contract/events.ts';
import { sceneAnswer, sceneContent, sceneCreate, sceneRow, sceneUpdate, sceneVersion } from '#contract/scene.ts';
import { invalid } from '../http/problem.ts';
import { route, type Route } from '../http/route.ts';
import type { Scenes } from './scenes.ts';

const id = z.object({ id: z.string().max(60) });
const scope = { kind: 'scene', from: 'params.id' } as const;
const exported = z.strictObject({ scene: z.literal(1), name: z.string().trim().min(1).max(80), tiles: sceneContent.shape.tiles });

export function sceneRoutes({ scenes, now, changed }: { scenes: Scenes; now: () => Date; changed: () => void }): Route[] {
  const told = <T>(result: T): T => { changed(); return result; };
  return [
    route({
      method: 'get', path: '/scenes', tag: 'Walls', summary: 'The scenes that ship, and those in the caller\'s scope', access: 'session', scope: { kind: 'filter' }, answer: z.object({ scenes: z.array(sceneRow) }),
      async handle({ session }) { return { scenes: await scenes.list(session.scope) }; },
    }),
    route({
      method: 'get', path: '/scenes/:id', tag: 'Walls', summary: 'One scene with its tiles', access: 'session', screen: true, scope, params: id, answer: sceneAnswer,
      async handle({ params }) { return await scenes.read(params.id); },
    }),
    route({
      method: 'post', path: '/scenes', tag: 'Walls', summary: 'Creates a scene', access: ['operator', 'admin'], scope: { kind: 'unit', from: 'body.unit' }, body: sceneCreate, answer: sceneAnswer, status: 201,
      async handle({ session, body }) { return told(await scenes.create(body.unit, { name: body.name, tiles: body.tiles, by: session.username, at: now() })); },
    }),
    route({
      method: 'put', path: '/scenes/:id', tag: 'Walls', summary: 'Changes a scene; refused with 409 when it has another version than the one that was changed', access: ['operator', 'admin'], scope, params: id, body: sceneUpdate, answer: sceneAnswer,
      async handle({ session, params, body }) { return told(await scenes.update(params.id, body.version, { name: body.name, tiles: body.tiles, by: session.username, at: now() })); },
    }),
    route({
      method: 'get', path: '/scenes/:id/versions', tag: 'Walls', summary: 'The versions of a scene, newest first', access: 'session', scope, params: id, answer: z.object({ versions: z.array(sceneVersion) }),
      async handle({ params }) { return { versions: await scenes.versions(params.id) }; },
    }),
    route({
      method: 'post', path: '/scenes/:id/versions/:version/restore', tag: 'Walls', summary: 'Makes an earlier version the newest one', access: ['operator', 'admin'], scope, params: id.extend({ version: z.coerce.number().int().min(1) }), answer: sceneAnswer,
      async handle({ session, params }) {
        const { version } = await scenes.read(params.id);
        return told(await scenes.update(params.id, version, { ...await scenes.version(params.id, params.version), by: session.username, at: now() }));
      },
    }),
    route({
      method: 'delete', path: '/scenes/:id', tag: 'Walls', summary: 'Archives a scene; its versions stay', access: ['operator', 'admin'], scope, params: id, answer: z.null(), status: 204,
      async handle({ session, params }) { await scenes.archive(params.id, session.username, now()); changed(); return null; },
    }),
    route({
      method: 'get', path: '/scenes/:id/export', tag: 'Walls', summary: 'A scene as a YAML file', access: 'session', scope, params: id, answer: null,
      async handle({ params, response }) {
        const { name, tiles } = await scenes.read(params.id);
        response.type('application/yaml').attachment(`${params.id}.yaml`).send(stringify({ scene: 1, name, tiles }, { lineWidth: 0 }));
      },
    }),
    route({
      method: 'post', path: '/scenes/import', tag: 'Walls', summary: 'Creates a scene from an exported file (YAML or JSON)', access: ['operator', 'admin'], scope: { kind: 'unit', from: 'query.unit' },
      query: z.object({ unit: unitCode }), rawBody: { limit: '256kb', types: ['application/yaml', 'application/json'] }, answer: sceneAnswer, status: 201,
      async handle({ session, query, request }) {
        const { name, tiles } = readFile(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
        return told(await scenes.create(query.unit, { name, tiles, by: session.username, at: now() }));
      },
    }),
  ];
}

/** JSON is YAML. Aliases are off: a small file must not become a large one. */
function readFile(text: string): z.infer<typeof exported> {
  let value: unknown;
  try { value = parse(text, { maxAliasCount: 0, prettyErrors: true, schema: 'core' }); } catch (error) { throw new Fault('invalid_request', error instanceof Error ? error.message.split('\n')[0] ?? null : null); }
  const result = exported.safeParse(value);
  if (!result.success) throw invalid(result.error);
  return result.data;
}

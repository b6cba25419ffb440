/** Pairing of screens, and what an operator does with them. A screen itself may read its orders and report, no more. */
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { keptReport, pairingAnswer, pairingClaim, screenCreate, screenReport, screenRow, screenSelf, screenUpdate, showRequest, wallCreate, wallUpdate, type RotationEntry, type Show } from '#contract/scene.ts';
import type { Session } from '../access/session.ts';
import type { Queryable } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { Pairing } from './pairing.ts';
import type { Scenes } from './scenes.ts';
import type { Screens } from './screens.ts';

export interface ScreenParts { screens: Screens; scenes: Scenes; database: Queryable; units: Units; zone: string; now: () => Date; changed: () => void; connected: () => ReadonlySet<string> }

const id = z.object({ id: z.string().max(60) });
const scope = { kind: 'wallScreen', from: 'params.id' } as const;
const WRITERS = ['operator', 'admin'] as const;

export function screenRoutes({ screens, scenes, database, units, zone, now, changed, connected }: ScreenParts): Route[] {
  const pairing = new Pairing(now);
  const unitOf = {
    scene: async (name: string) => await scenes.unitOf(name),
    camera: async (name: string) => (await database.query<{ unit: string }>('SELECT unit FROM cameras WHERE id = $1', [name])).rows[0]?.unit ?? null,
    alert: async (name: string) => (await database.query<{ unit: string }>('SELECT unit FROM alerts WHERE id = $1', [name])).rows[0]?.unit ?? null,
    unit: async (name: string) => (units.tree.has(name) ? name : null),
  };
  /** What the caller does not see does not exist; what the screen may not see it cannot show. */
  async function check(what: keyof typeof unitOf, name: string, session: Session, screenUnit: string): Promise<void> {
    const unit = await unitOf[what](name);
    if (unit === undefined) return;
    if (unit === null || !session.scope.has(unit)) throw new Fault('not_found', `${what} ${name}`);
    if (!units.scopeOf(screenUnit).has(unit)) throw new Fault('screen_scope', `${what} ${name} is not under ${screenUnit}`);
  }
  async function checkRotation(rotation: readonly RotationEntry[], session: Session, screenUnit: string): Promise<void> {
    for (const entry of rotation) {
      await check('scene', entry.scene, session, screenUnit);
      if (entry.unit !== undefined) await check('unit', entry.unit, session, screenUnit);
    }
  }

  return [
    route({
      method: 'post', path: '/screens/pairing', tag: 'Walls', summary: 'Six digits for a screen that is to be paired; they live ten minutes', access: 'public', scope: { kind: 'none' }, answer: pairingAnswer, status: 201,
      async handle({ request }) { return pairing.begin(request.ip ?? ''); },
    }),
    route({
      method: 'post', path: '/screens/pairing/claim', tag: 'Walls', summary: 'Whether the screen was approved; then its cookie comes with the answer', access: 'public', scope: { kind: 'none' }, body: pairingClaim, answer: z.object({ paired: z.boolean() }),
      async handle({ body, request, response }) {
        const token = pairing.claim(body.secret);
        if (token !== null) response.setHeader('Set-Cookie', screens.cookie(token, request.secure));
        return { paired: token !== null };
      },
    }),
    route({
      method: 'get', path: '/screens/me', tag: 'Walls', summary: 'Which screen this is', access: 'screen', scope: { kind: 'none' }, answer: screenSelf,
      async handle({ session }) { const row = screens.read(session.screen ?? '', new Set()); return { id: row.id, name: row.name, unit: row.unit, unitName: row.unitName, zone }; },
    }),
    route({
      method: 'post', path: '/screens/me/report', tag: 'Walls', summary: 'What the screen truly shows, once a minute', access: 'screen', scope: { kind: 'none' }, body: screenReport, answer: z.null(), status: 204,
      async handle({ session, body }) { await screens.report(session.screen ?? '', body); changed(); return null; },
    }),
    route({
      method: 'get', path: '/screens', tag: 'Walls', summary: 'Screens in scope: what each shall show and what it said it shows', access: ['operator', 'leader', 'admin'], scope: { kind: 'filter' }, answer: z.object({ screens: z.array(screenRow) }),
      async handle({ session }) { return { screens: screens.list(session.scope, connected()) }; },
    }),
    route({
      method: 'post', path: '/screens', tag: 'Walls', summary: 'Approves a screen by its six digits', access: WRITERS, scope: { kind: 'unit', from: 'body.unit' }, body: screenCreate, answer: screenRow, status: 201,
      async handle({ session, body }) {
        const found = pairing.take(session.username, body.code);
        const made = await screens.create({ name: body.name, unit: body.unit, by: session.username }).catch((error: unknown) => { found.giveBack(); throw error; });
        found.approve(made.token);
        changed();
        return screens.read(made.id, connected());
      },
    }),
    route({
      method: 'patch', path: '/screens/:id', tag: 'Walls', summary: 'Changes name, unit or rotation of a screen', access: WRITERS, scope, params: id, body: screenUpdate, answer: screenRow,
      async handle({ session, params, body }) {
        if (body.unit !== undefined && !session.scope.has(body.unit)) throw new Fault('not_found', `unit ${body.unit}`);
        const before = screens.read(params.id, new Set());
        await checkRotation(body.rotation ?? (body.unit === undefined ? [] : before.rotation), session, body.unit ?? before.unit);
        await screens.change(params.id, body, session.username);
        changed();
        return screens.read(params.id, connected());
      },
    }),
    route({
      method: 'delete', path: '/screens/:id', tag: 'Walls', summary: 'Revokes a screen: it is dark within five seconds. A wall is taken apart: its screens go on by themselves', access: WRITERS, scope, params: id, answer: z.null(), status: 204,
      async handle({ session, params }) { await screens.revoke(params.id, session.username); changed(); return null; },
    }),
    route({
      method: 'post', path: '/walls', tag: 'Walls', summary: 'Makes several paired screens one large wall: rows, columns, bezels, who stands where', access: WRITERS, scope: { kind: 'unit', from: 'body.unit' }, body: wallCreate, answer: screenRow, status: 201,
      async handle({ session, body }) { const made = await screens.putWall({ id: null, ...body, by: session.username }); changed(); return screens.read(made, connected()); },
    }),
    route({
      method: 'put', path: '/walls/:id', tag: 'Walls', summary: 'Makes a wall anew: name, rows, columns, bezels, places', access: WRITERS, scope, params: id, body: wallUpdate, answer: screenRow,
      async handle({ session, params, body }) { await screens.putWall({ id: params.id, ...body, unit: screens.unitOf(params.id) ?? '', by: session.username }); changed(); return screens.read(params.id, connected()); },
    }),
    route({
      method: 'post', path: '/screens/:id/show', tag: 'Walls', summary: 'Shows a scene, a camera, a desk or an alert: for a while, or until it is released', access: WRITERS, scope, params: id, body: showRequest, answer: screenRow,
      async handle({ session, params, body: { holdSeconds, priority, ...what } }) {
        const asked = showOf(what);
        const { unit } = screens.read(params.id, new Set());
        for (const [kind, name] of Object.entries(asked)) await check(kind as keyof typeof unitOf, name as string, session, unit);
        if (holdSeconds === undefined) await screens.pin(params.id, asked, session.username);
        else await screens.popUp(params.id, { show: asked, holdSeconds, priority, by: session.username, reason: 'operator' });
        changed();
        return screens.read(params.id, connected());
      },
    }),
    route({
      method: 'delete', path: '/screens/:id/show', tag: 'Walls', summary: 'Back to the rotation', access: WRITERS, scope, params: id, answer: screenRow,
      async handle({ session, params }) { await screens.release(params.id, session.username); changed(); return screens.read(params.id, connected()); },
    }),
    route({
      method: 'get', path: '/screens/:id/reports', tag: 'Walls', summary: 'What the screen said that it showed, newest first', access: ['operator', 'leader', 'admin'], scope, params: id, query: z.object({ limit: z.coerce.number().int().min(1).max(1_440).default(60) }), answer: z.object({ reports: z.array(keptReport) }),
      async handle({ params, query }) { return { reports: await screens.reports(params.id, query.limit) }; },
    }),
  ];
}

/** Exactly one of them; a unit beside a scene says for whom the scene is opened. */
function showOf({ scene, camera, unit, alert }: { scene?: string | undefined; camera?: string | undefined; unit?: string | undefined; alert?: string | undefined }): Show {
  const given = [scene, camera, alert].filter((one) => one !== undefined).length;
  if (given > 1 || (given === 0 && unit === undefined) || (unit !== undefined && given === 1 && scene === undefined)) throw new Fault('invalid_request', 'exactly one of scene, camera, unit, alert (a unit may stand beside a scene)');
  if (scene !== undefined) return { scene, ...(unit === undefined ? {} : { unit }) };
  if (camera !== undefined) return { camera };
  return alert !== undefined ? { alert } : { unit: unit ?? '' };
}

/**
 * An endpoint is data: method, path, who may, within which scope, what goes in and what comes out. The same object
 * mounts the route, checks it, strips the answer, writes the OpenAPI document and a row of the scope matrix: nothing
 * can be undocumented or unscoped.
 */
import express, { type Express, type Request, type Response } from 'express';
import type { z } from 'zod';
import type { Role } from '#contract/vocabulary.ts';
import { Fault } from '#contract/faults.ts';
import { tokenFrom, type Session } from '../access/session.ts';
import { invalid } from './problem.ts';

/** Who may call. `session`: anyone signed in. `screen`: a paired screen alone. A list: any of these roles (an administrator is not above them). */
export type Access = 'public' | 'session' | 'key' | 'node' | 'screen' | readonly Role[];

/**
 * Within which units. `unit`, `camera`, `alert`, `hold`, `scene`, `wallScreen`, `shift`, `shiftSnapshot`: the thing named by that input must lie in the caller's scope, else 404.
 * `filter`: the handler receives the scope and answers only what is in it. `centre`: only accounts of the root unit.
 */
export type ThingKind = 'unit' | 'camera' | 'alert' | 'hold' | 'scene' | 'wallScreen' | 'shift' | 'shiftSnapshot';
export type Scope =
  | { kind: 'none' } | { kind: 'filter' } | { kind: 'centre' }
  | { kind: ThingKind; from: `${'params' | 'query' | 'body'}.${string}`; /** The unit of that code on the day that the query names, not of today. */ onDay?: true };

export interface Context<P, Q, B> {
  params: P; query: Q; body: B;
  /** Present for every access but `public`, `key` and `node`; of a paired screen where the route is open to screens. */
  session: Session;
  request: Request; response: Response; requestId: string;
}

export interface Route<P = unknown, Q = unknown, B = unknown> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  summary: string;
  tag: string;
  access: Access;
  /** A paired screen may call it too, within the scope of its unit. */
  screen?: true;
  scope: Scope;
  params?: z.ZodType<P>; query?: z.ZodType<Q>; body?: z.ZodType<B>;
  /** The body is read by the handler itself (ingest). `types`: what it is, where it is no events. */
  rawBody?: { limit: string; types?: readonly string[] };
  /** Null: the handler answers by itself (streams, files). */
  answer: z.ZodType | null;
  status?: number;
  /** Answers also an account that can do nothing but enrol a second factor. */
  enrolment?: true;
  /** What it costs of the caller's allowance, where it is more than one ordinary request. */
  cost?: number;
  handle(context: Context<P, Q, B>): Promise<unknown>;
}

/** Keeps the types of a route's parts together. */
export function route<P = Record<string, never>, Q = Record<string, never>, B = undefined>(definition: Route<P, Q, B>): Route {
  return definition as unknown as Route;
}

export interface Gatekeeper {
  sessionOf(request: Request, wanted?: 'enrolment'): Promise<Session>;
  /** The right of a paired screen. */
  screenOf(request: Request): Promise<Session>;
  /** Takes it from the caller's allowance, or throws `rate_limited`. */
  spend(who: { account: string } | { source: string }, cost: number): void;
  /** The unit of a thing, null when there is no such thing; EVERYWHERE for what belongs to all. */
  unitOf(kind: ThingKind, id: string, query: Record<string, unknown> | null): Promise<string | typeof EVERYWHERE | null>;
  /** Checks an ingest key or a media node's secret; what it found is left in `response.locals`. */
  admitSource(kind: 'key' | 'node', request: Request, response: Response): Promise<void>;
  rootUnit: string;
  ownOrigin(request: Request): boolean;
}

export const EVERYWHERE = Symbol('everywhere');
const json = express.json({ limit: '256kb', strict: false, type: ['application/json', 'application/*+json'] });

export function mount(app: Express, prefix: string, routes: readonly Route[], gate: Gatekeeper): void {
  for (const one of routes) {
    const readBody = one.rawBody ? express.raw({ type: () => true, limit: one.rawBody.limit }) : one.body ? json : null;
    app[one.method](`${prefix}${one.path}`, ...(readBody && !one.rawBody ? [readBody] : []), async (request: Request, response: Response) => {
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('X-Content-Type-Options', 'nosniff');
      // Who asks is checked before a large body is read.
      const session = await admit(one, request, response, gate);
      if (readBody && one.rawBody) await new Promise<void>((resolve, reject) => { readBody(request, response, (error?: unknown) => { if (error) reject(error as Error); else resolve(); }); });
      const checkBody = response.locals.checkBody as ((body: Buffer) => Promise<void>) | undefined;
      if (checkBody) await checkBody(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
      const context = { params: parse(one.params, request.params), query: parse(one.query, request.query), body: one.rawBody ? request.body as unknown : readJson(one, request), session, request, response, requestId: response.locals.requestId as string };
      await inScope(one, context, gate);
      const answer = await one.handle(context as Context<unknown, unknown, unknown>);
      if (one.answer === null) return;
      response.status(one.status ?? 200);
      if (one.status === 204) { response.end(); return; }
      // A system's thousands of short answers go out without what pages need (negotiation, freshness).
      if (one.access === 'key') { const text = Buffer.from(JSON.stringify(one.answer.parse(answer))); response.writeHead(response.statusCode, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': text.length }).end(text); return; }
      response.json(one.answer.parse(answer));
    });
  }
}

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return {};
  const result = schema.safeParse(value);
  if (!result.success) throw invalid(result.error);
  if (holdsZero(result.data)) throw new Fault('invalid_request', 'a text holds a zero character');
  return result.data;
}

/** The database cannot keep one, wherever it stands. */
function holdsZero(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return typeof value === 'object' && value !== null && Object.entries(value).some(([name, one]) => name.includes('\0') || holdsZero(one));
}

function readJson(one: Route, request: Request): unknown {
  if (!one.body) return undefined;
  const type = request.headers['content-type'];
  const empty = request.headers['content-length'] === '0' || (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined);
  if (!empty && type !== undefined && !request.is(['application/json', 'application/*+json'])) throw new Fault('unsupported_media_type');
  return parse(one.body, empty ? {} : request.body);
}

async function admit(one: Route, request: Request, response: Response, gate: Gatekeeper): Promise<Session> {
  if (one.access === 'key' || one.access === 'node') await gate.admitSource(one.access, request, response);
  if (one.access === 'public' || one.access === 'key' || one.access === 'node') return undefined as unknown as Session;
  // A kiosk asks as the screen that it is, also where somebody is signed in beside it.
  const asScreen = one.access === 'screen' || (one.screen === true && (request.headers['x-screen'] === '1' || tokenFrom(request.headers.cookie) === null));
  const session = asScreen ? await gate.screenOf(request) : await gate.sessionOf(request, one.enrolment ? 'enrolment' : undefined);
  gate.spend({ account: session.username }, one.cost ?? 1);
  // A page of another site may make the browser send our cookie: what changes something must come from our own pages.
  if (one.method !== 'get' && !gate.ownOrigin(request)) throw new Fault('foreign_origin');
  if (one.access !== 'session' && one.access !== 'screen' && session.screen === undefined && !one.access.some((role) => session.roles.includes(role))) throw new Fault('forbidden');
  return session;
}

async function inScope(one: Route, context: { params: unknown; query: unknown; body: unknown; session: Session }, gate: Gatekeeper): Promise<void> {
  const { scope } = one;
  if (scope.kind === 'none' || scope.kind === 'filter') return;
  if (scope.kind === 'centre') {
    if (context.session.unit !== gate.rootUnit) throw new Fault('not_found');
    return;
  }
  const [part, name] = scope.from.split('.') as ['params' | 'query' | 'body', string];
  const id = (context[part] as Record<string, unknown> | undefined)?.[name];
  if (id === undefined || id === null) return;
  const unit = await gate.unitOf(scope.kind, String(id), scope.onDay ? context.query as Record<string, unknown> : null);
  if (unit === EVERYWHERE) return;
  if (unit === null || !context.session.scope.has(unit)) throw new Fault('not_found');
}

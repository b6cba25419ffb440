/** The middleware in the order it runs. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { fromRoot } from '#config/paths.ts';
import { Fault } from '#contract/faults.ts';
import { DOCS_CSS, docsPage } from './docs.ts';
import type { Metrics } from './metrics.ts';
import { openapi } from './openapi.ts';
import { problemHandler, sendFault } from './problem.ts';
import { mount, type Gatekeeper, type Route } from './route.ts';

export interface AppParts {
  log: Logger; metrics: Metrics; routes: readonly Route[]; gate: Gatekeeper; media: RequestHandler; version: string;
  trustProxy: readonly string[];
  /** Where pictures may come from beside the centre: the base map that is configured. */
  pictureOrigins: readonly string[];
  /** Null when all is well; else what is not. */
  notReady: () => Promise<string | null>;
}

export function makeApp({ log, metrics, routes, gate, media, version, trustProxy, pictureOrigins, notReady }: AppParts): Express {
  const app = express();
  app.set('trust proxy', trustProxy.length > 0 ? [...trustProxy] : false);
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // Answers of the API are not to be kept by anybody; files have their own.
  app.set('etag', false);
  app.use((request, response, next) => {
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
    response.locals.requestId = requestId;
    response.setHeader('X-Request-Id', requestId);
    const started = process.hrtime.bigint();
    response.on('finish', () => {
      // The path of an unknown address is a stranger's text: it gets no label of its own.
      const route = (request.route as { path?: string } | undefined)?.path ?? 'other';
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      metrics.request.observe({ method: request.method, route, status: String(response.statusCode) }, seconds);
      if (response.statusCode >= 500 || log.isLevelEnabled('debug')) log[response.statusCode >= 500 ? 'warn' : 'debug']({ event: 'request', requestId, method: request.method, route, status: response.statusCode, seconds });
    });
    next();
  });

  // What systems send by the thousand, one event a request, is no page: its answers need neither a page's headers nor packing.
  mount(app, '/api/v1', routes.filter((one) => one.access === 'key'), gate);
  app.use(helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], imgSrc: ["'self'", 'data:', 'blob:', ...pictureOrigins], mediaSrc: ["'self'", 'blob:'], workerSrc: ["'self'", 'blob:'],
        fontSrc: ["'self'"], connectSrc: ["'self'", 'ws:', 'wss:'], objectSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"],
      },
    },
    // TLS is the proxy's; over plain HTTP in a closed network HSTS would lock the page out.
    strictTransportSecurity: false, crossOriginEmbedderPolicy: false, referrerPolicy: { policy: 'same-origin' },
  }));
  app.get('/healthz', (_request, response) => { response.json({ status: 'alive' }); });
  app.get('/readyz', async (_request, response) => {
    const why = await notReady();
    response.status(why === null ? 200 : 503).json(why === null ? { status: 'ready' } : { status: 'not ready', why });
  });
  app.get('/metrics', async (_request, response) => { response.type(metrics.registry.contentType).send(await metrics.registry.metrics()); });
  app.get(/^\/media\//, media);

  app.use(compression({ threshold: 2048 }));
  const document = openapi(routes, version);
  const page = docsPage(routes);
  app.get('/api/v1/openapi.json', (_request, response) => { response.json(document); });
  app.get('/api/docs', (_request, response) => { response.type('html').send(page); });
  app.get('/api/docs.css', (_request, response) => { response.type('css').send(DOCS_CSS); });
  mount(app, '/api/v1', routes.filter((one) => one.access !== 'key'), gate);
  app.use('/api', () => { throw new Fault('not_found'); });

  const client = fromRoot('dist/client');
  if (existsSync(client)) {
    app.use(express.static(client, { index: false, setHeaders: (response, path) => { response.setHeader('Cache-Control', /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'); } }));
    // Every page is the one application; only files that it would ask for are «not found».
    app.get(/^\/(?!assets\/|media\/|live)[^.]*$/, (_request, response) => { response.setHeader('Cache-Control', 'no-cache'); response.sendFile('index.html', { root: client }); });
  }
  app.use((request, response) => { sendFault(request, response, new Fault('not_found')); });
  app.use(problemHandler(log));
  return app;
}

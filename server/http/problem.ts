/** Every failure leaves as a problem document (RFC 9457) with a code, a cause, a next step and the request's id. */
import type { ErrorRequestHandler, Request, Response } from 'express';
import { Fault, problemOf } from '#contract/faults.ts';
import type { Logger } from 'pino';
import { z } from 'zod';

export function languageOf(request: Request): 'vi' | 'en' {
  return request.acceptsLanguages('vi', 'en') === 'en' ? 'en' : 'vi';
}

/** Foreign errors become faults here and nowhere else. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof z.ZodError) return invalid(error);
  const type = (error as { type?: string } | null)?.type;
  const status = (error as { status?: number } | null)?.status;
  if (type === 'entity.too.large') return new Fault('body_too_large');
  if (type === 'entity.parse.failed' || type === 'request.size.invalid') return new Fault('malformed_json');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') return new Fault('unsupported_media_type');
  if (type === 'request.aborted') return new Fault('malformed_json', 'the body ended early');
  // A damaged gzip body, a bad percent-encoding, and what else express itself finds wrong with a request.
  if (status !== undefined && status >= 400 && status < 500) return new Fault(status === 404 ? 'not_found' : 'invalid_request');
  return new Fault('internal', null, {}, error);
}

export function invalid(error: z.ZodError): Fault {
  const errors = error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  return new Fault('invalid_request', errors.map((one) => `${one.path}: ${one.message}`).join('; ').slice(0, 500), { errors });
}

export function sendFault(request: Request, response: Response, fault: Fault): void {
  const { retryAfter, ...data } = fault.data;
  if (typeof retryAfter === 'number') response.setHeader('Retry-After', String(retryAfter));
  const detail = fault.code === 'internal' ? null : fault.message;
  response.status(fault.status).type('application/problem+json').send(JSON.stringify(
    problemOf(fault.code, detail, languageOf(request), response.locals.requestId as string, request.originalUrl.split('?')[0] ?? '/', data)));
}

export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const fault = faultOf(error);
    if (fault.code === 'internal') log.error({ event: 'request_failed', requestId: response.locals.requestId as string, method: request.method, route: request.path, err: fault.cause ?? fault });
    if (response.headersSent) { next(error); return; }
    sendFault(request, response, fault);
  };
}

/** A call of the API. The caller meets every case: an answer, a problem with its next step, an abort, or no connection. */
export interface Problem { code: string; status: number; title: string; detail: string; next: string; requestId: string; messages?: Record<'vi' | 'en', { cause: string; next: string }> }
export type Trouble = { kind: 'problem'; problem: Problem } | { kind: 'offline' };
export type Answer<T> = { kind: 'ok'; body: T } | { kind: 'aborted' } | Trouble;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

let screen = false;
/** From now on the page asks as the paired screen that it is, whoever is signed in beside it. */
export function beScreen(): void { screen = true; }

let whenSignedOut: (() => void) | null = null;
/** Called when the centre says that the session has ended, whoever asked. */
export function onSignedOut(listener: () => void): void { whenSignedOut = listener; }

export async function ask<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer<T>> {
  return await send(path, { method, ...(signal ? { signal } : {}), ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
}
/** A file as the body, as it is. */
export async function upload<T>(path: string, file: Blob, signal: AbortSignal): Promise<Answer<T>> {
  return await send(path, { method: 'POST', signal, headers: { 'content-type': 'application/octet-stream' }, body: file });
}

/** The next piece of a file that goes in several. */
export async function sendPiece<T>(path: string, piece: Blob, signal: AbortSignal): Promise<Answer<T>> {
  return await send(path, { method: 'PUT', signal, headers: { 'content-type': 'application/octet-stream' }, body: piece });
}

async function send<T>(path: string, request: RequestInit): Promise<Answer<T>> {
  try {
    const answer = await fetch(`/api/v1${path}`, screen ? { ...request, headers: { ...(request.headers as Record<string, string> | undefined), 'x-screen': '1' } } : request);
    const text = await answer.text();
    if (answer.ok) return { kind: 'ok', body: (text === '' ? null : JSON.parse(text)) as T };
    const problem = readProblem(text, answer.status);
    if (problem.code === 'unauthenticated' && !screen) whenSignedOut?.();
    return { kind: 'problem', problem };
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' ? { kind: 'aborted' } : { kind: 'offline' };
  }
}

/** A proxy between may answer with a page of its own: then there is no code and no next step, only a status. */
function readProblem(text: string, status: number): Problem {
  try {
    const found = JSON.parse(text) as Problem;
    if (typeof found.code === 'string') return found;
  } catch { /* not ours */ }
  return { code: 'unreadable', status, title: `HTTP ${status}`, detail: '', next: '', requestId: '' };
}

/** `?a=1&b=2`, without what is undefined. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString()}`;
}
/** What went wrong, or null. */
export const troubleOf = (answer: Answer<unknown>): Trouble | null => (answer.kind === 'problem' || answer.kind === 'offline' ? answer : null);

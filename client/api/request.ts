/** A call of the API. The caller meets every case: an answer, a problem with its next step, or no connection. */
export interface Problem { code: string; status: number; title: string; detail: string; next: string; requestId: string; messages?: Record<'vi' | 'en', { cause: string; next: string }> }
export type Answer<T> = { kind: 'ok'; body: T } | { kind: 'problem'; problem: Problem } | { kind: 'offline' };

export async function ask<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer<T>> {
  try {
    const answer = await fetch(`/api/v1${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
    const text = await answer.text();
    const parsed: unknown = text === '' ? null : JSON.parse(text);
    return answer.ok ? { kind: 'ok', body: parsed as T } : { kind: 'problem', problem: parsed as Problem };
  } catch {
    return { kind: 'offline' };
  }
}

/** A question of the centre to a media node. A failure is the node's own code, or that the node is away; never its text. */
import { Fault, FAULTS, type FaultCode } from '#contract/faults.ts';
import type { NodeState } from './nodes.ts';

export async function askNode(node: NodeState, path: string, { body, headers = {}, patience = 15_000 }: { body?: unknown; headers?: Record<string, string>; patience?: number } = {}): Promise<globalThis.Response> {
  let answer: globalThis.Response;
  try {
    answer = await fetch(`${node.gateway}${path}`, {
      headers: { authorization: `Bearer ${node.secret}`, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }), signal: AbortSignal.timeout(patience), redirect: 'error',
    });
  } catch (error) { throw new Fault('node_away', null, { retryAfter: 3 }, error); }
  if (answer.ok) return answer;
  const code = (await answer.json().catch(() => null) as { code?: string } | null)?.code;
  throw new Fault(code !== undefined && Object.hasOwn(FAULTS, code) && code !== 'unauthenticated' ? code as FaultCode : 'node_away', null, { retryAfter: 3 });
}

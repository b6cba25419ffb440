/**
 * What lives on the heap of a running Node process, after a full collection: through its inspector, which it opens on
 * SIGUSR1 at 127.0.0.1:9229 and which is closed again at once. Tells growth that is kept from growth that awaits collection.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

export interface Heap { usedMB: number; externalMB: number; buffersMB: number; residentMB: number }
const PORT = 9229;

/** Null where the inspector's port is another's, or does not answer within three seconds. */
export async function heapOf(pid: number): Promise<Heap | null> {
  const list = async (): Promise<{ webSocketDebuggerUrl: string }[]> => await (await fetch(`http://127.0.0.1:${PORT}/json/list`)).json() as { webSocketDebuggerUrl: string }[];
  // Somebody else's inspector is none of ours.
  if (await list().then(() => true, () => false)) return null;
  try { process.kill(pid, 'SIGUSR1'); } catch { return null; }
  let address: string | undefined;
  for (const end = performance.now() + 3000; address === undefined && performance.now() < end;) { address = await list().then((all) => all[0]?.webSocketDebuggerUrl, () => undefined); await sleep(50); }
  if (address === undefined) return null;
  const socket = new WebSocket(address);
  try {
    await new Promise((resolve, reject) => { socket.once('open', resolve).once('error', reject); });
    let last = 0;
    const call = async (method: string, params: object = {}): Promise<{ result?: { value?: string } }> => {
      const id = (last += 1);
      socket.send(JSON.stringify({ id, method, params }));
      return await new Promise((resolve, reject) => {
        const late = setTimeout(() => { reject(new Error(`no answer to ${method}`)); }, 10_000);
        socket.on('message', (text: Buffer) => { const answer = JSON.parse(text.toString()) as { id: number; result: { result?: { value?: string } } }; if (answer.id === id) { clearTimeout(late); resolve(answer.result); } });
      });
    };
    const evaluate = async (expression: string): Promise<string> => (await call('Runtime.evaluate', { expression, returnByValue: true })).result?.value ?? '';
    if (await evaluate('String(process.pid)') !== String(pid)) return null;
    await call('HeapProfiler.enable');
    await call('HeapProfiler.collectGarbage');
    const { heapUsed = 0, external = 0, arrayBuffers = 0, rss = 0 } = JSON.parse(await evaluate('JSON.stringify(process.memoryUsage())')) as Record<string, number>;
    await call('HeapProfiler.disable');
    socket.send(JSON.stringify({ id: 0, method: 'Runtime.evaluate', params: { expression: "setTimeout(() => process.getBuiltinModule('node:inspector').close(), 100)" } }));
    await sleep(50);
    return { usedMB: heapUsed / 1048576, externalMB: external / 1048576, buffersMB: arrayBuffers / 1048576, residentMB: rss / 1048576 };
  } catch { return null; } finally { socket.terminate(); await sleep(300); }
}

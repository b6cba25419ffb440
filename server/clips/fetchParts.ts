/** A clip of one camera, from its node to a folder of the centre: asked for, waited for, fetched with resumption, checked. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeClip, type NodeClip } from '#contract/node.ts';
import type { CameraMasks } from '#contract/picture.ts';
import { underMasks } from '../cameras/masks.ts';
import type { NodeState } from '../cameras/nodes.ts';
import { ClipFailed } from './clipFailed.ts';

export interface FetchParts { id: string; camera: string; from: Date; to: Date; /** Burnt into the files; null: as it was recorded. */ masks: CameraMasks | null; folder: string; signal: AbortSignal; node: () => NodeState | null; /** Under which name the file is kept; names of two nodes may be the same. */ nameOf: (file: string) => string; progress: (share: number) => void }

const POLL_MS = 700;
/** A node that is away this long in a row is given up. */
const AWAY_MS = 5 * 60_000;
/** Of what a camera takes, the cutting at the node; the rest is the way here. */
const CUTTING = 0.7;

export async function fetchClip({ id, camera, from, to, masks, folder, signal, node, nameOf, progress }: FetchParts): Promise<Pick<NodeClip, 'files' | 'segments'>> {
  const path = `/clips/${encodeURIComponent(id)}/${encodeURIComponent(camera)}`;
  /** Again and again while the node is away, also when it started anew and has forgotten the clip. */
  async function keepAsking<T>(ask: (at: NodeState) => Promise<T>): Promise<T> {
    for (const end = performance.now() + AWAY_MS; ;) {
      signal.throwIfAborted();
      const at = node();
      try { if (at) return await ask(at); } catch (error) { if (error instanceof ClipFailed) throw error; }
      if (performance.now() > end) throw new ClipFailed('node_away');
      await sleep(1000, undefined, { signal });
    }
  }
  const open = (at: NodeState, rest: string, method = 'GET', headers: Record<string, string> = {}) => fetch(`${at.gateway}${method === 'PUT' ? underMasks(masks, `${path}${rest}`) : `${path}${rest}`}`, { method, headers: { authorization: `Bearer ${at.secret}`, ...headers }, signal, redirect: 'error' });
  const query = `?from=${encodeURIComponent(from.toISOString())}&to=${encodeURIComponent(to.toISOString())}`;
  const ready = async (): Promise<NodeClip> => {
    for (;;) {
      const state = await keepAsking(async (at) => {
        const answer = await open(at, query, 'PUT');
        if (!answer.ok) { await answer.body?.cancel(); throw new Error(`the node answered ${answer.status}`); }
        return nodeClip.parse(await answer.json());
      });
      if (state.state === 'failed') throw new ClipFailed(state.cause ?? 'cut_failed');
      // An unmasked file never passes for a masked one.
      if (state.state === 'ready' && (state.masked ?? false) !== (masks !== null)) throw new ClipFailed('cut_failed');
      if (state.state === 'ready') return state;
      progress(CUTTING * state.progress);
      await sleep(POLL_MS, undefined, { signal });
    }
  };
  const clip = await ready();
  const total = clip.files.reduce((sum, file) => sum + file.bytes, 0) || 1;
  let before = 0;
  for (const file of clip.files) {
    const target = join(folder, nameOf(file.name));
    await keepAsking(async (at) => {
      let received: string;
      const has = (await stat(`${target}.part`).catch(() => null))?.size ?? 0;
      if (has < file.bytes) {
        const answer = await open(at, `/${encodeURIComponent(file.name)}`, 'GET', has > 0 ? { range: `bytes=${has}-` } : {});
        if (!answer.ok || !answer.body) { await answer.body?.cancel(); if (answer.status === 404) await ready(); throw new Error(`the node answered ${answer.status}`); }
        const goesOn = answer.status === 206;
        let got = goesOn ? has : 0;
        // What came before is read again; what comes now is hashed as it comes.
        const hash = createHash('sha256');
        if (goesOn) for await (const chunk of createReadStream(`${target}.part`) as AsyncIterable<Buffer>) hash.update(chunk);
        await pipeline(Readable.fromWeb(answer.body as ReadableStream), async function* (chunks: AsyncIterable<Buffer>) { for await (const chunk of chunks) { got += chunk.length; hash.update(chunk); progress(CUTTING + (1 - CUTTING) * (before + got) / total); yield chunk; } },
          createWriteStream(`${target}.part`, { flags: goesOn ? 'a' : 'w', mode: 0o600 }));
        received = hash.digest('hex');
      } else received = await hashOf(`${target}.part`);
      if (received !== file.sha256) throw new ClipFailed('cut_failed');
      await rename(`${target}.part`, target);
    });
    before += file.bytes;
  }
  return { files: clip.files.map((file) => ({ ...file, name: nameOf(file.name) })), segments: clip.segments };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

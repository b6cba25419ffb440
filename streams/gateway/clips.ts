/** Clips at the gateway: for the centre alone. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cameraId, range } from '#contract/camera.ts';
import type { MaskShapes } from '#contract/picture.ts';
import { Fault } from '#contract/faults.ts';
import type { ClipDesk } from '../playback/clipDesk.ts';
import { sendFile, sendJson } from './answer.ts';

const CLIP_ID = /^[a-z0-9-]{8,40}$/;

export async function answerClip(request: IncomingMessage, response: ServerResponse, url: URL, clips: ClipDesk, masks: MaskShapes | null): Promise<void> {
  const [, , id = '', camera, name, ...rest] = url.pathname.split('/');
  if (!CLIP_ID.test(id) || rest.length > 0) throw new Fault('not_found');
  if (request.method === 'DELETE') {
    await clips.drop(id);
    response.writeHead(204).end();
    return;
  }
  if (camera === undefined || !cameraId.safeParse(camera).success) throw new Fault('not_found');
  if (name !== undefined) {
    const path = clips.file(id, camera, name);
    if (path === null) throw new Fault('not_found');
    await sendFile(request, response, path, 'video/mp4');
    return;
  }
  if (request.method === 'PUT') {
    const asked = range.safeParse({ from: url.searchParams.get('from'), to: url.searchParams.get('to') });
    if (!asked.success || !(Date.parse(asked.data.from) < Date.parse(asked.data.to))) throw new Fault('invalid_request', 'from must lie before to');
    clips.start(id, { camera, fromMs: Date.parse(asked.data.from), toMs: Date.parse(asked.data.to), masks });
  }
  const state = clips.state(id, camera);
  if (state === null) throw new Fault('not_found');
  sendJson(response, state);
}

/** The live part of a media node alone, in a process of its own: relay, fan-out, tickets, gateway. Publishers come from outside. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import pino from 'pino';
import { fromRoot } from '#config/paths.ts';
import { createFanOut } from '#streams/gateway/fanOut.ts';
import { openLive } from '#streams/gateway/live.ts';
import { serveGateway, type GatewayParts } from '#streams/gateway/serve.ts';
import { openTicketDesk } from '#streams/gateway/ticket.ts';
import type { Camera } from '#streams/node/camera.ts';
import { startRelay } from '#streams/relay/process.ts';
import { answerWith } from './helper.ts';

const log = pino({ level: 'silent' });
const built = fromRoot('dist', 'streams', 'relay', 'entry.js');
const relay = await startRelay({ entry: existsSync(built) ? built : fromRoot('streams', 'relay', 'entry.ts'), log });
const key = randomBytes(32);
const fanOut = createFanOut({ door: () => relay.door(), log, now: () => performance.now() });
const startedAt = Date.now() - 1000;
const live = openLive({
  log, tickets: openTicketDesk({ key: () => key, now: Date.now, startedAt: () => startedAt }), fanOut, isRevoked: () => false, onWatch: () => undefined, mayTranscode: () => true,
  find: (camera) => ({ watchable: true, streamFor: () => camera, needsTranscoding: () => false }) as unknown as Camera,
});
// Of the gateway only `/live/` is asked here; what else it serves needs cameras and a disk.
const gateway = await serveGateway({ host: '127.0.0.1', port: 0, secret: 'not-asked-for-here', log, live, health: () => ({}) } as unknown as GatewayParts);

answerWith(async (question) => {
  if (question.do === 'where') return await Promise.resolve({ port: gateway.port, key: key.toString('base64url'), relay: relay.pid, pid: process.pid, up: relay.door() !== null, publish: relay.publishUrl('NAME') });
  if (question.do === 'rate') return relay.bitrateKbps(String(question.stream));
  throw new Error('unknown question');
});

import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startRtspProxy, type RtspProxy } from '#streams/source/rtspProxy.ts';
import type { CameraTransport } from '#contract/vocabulary.ts';
import type { ProxyHappening } from '#streams/source/rtspSession.ts';
import { Secret } from '#streams/source/secret.ts';
import { SDP, startFakeRtsp, type FakeRtsp } from '../../support/fakeRtspServer.ts';

const PASSWORD = 'p@ss:w/d "quoted"';
const LIMITS = { connectMs: 500, answerMs: 600, silentMs: 600 };
const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => { for (const one of cleanup.splice(0).reverse()) await one(); });

type Answer = Parameters<typeof startFakeRtsp>[0];
async function between(answer: Answer, credentials = true, transport: CameraTransport = 'tcp') {
  const camera: FakeRtsp = await startFakeRtsp(answer);
  const proxy: RtspProxy = await startRtspProxy(LIMITS);
  cleanup.push(() => camera.stop(), () => proxy.stop());
  const told: ProxyHappening[] = [];
  const passage = proxy.open({
    url: `rtsp://10.9.9.9:554/live/ch1?x=1`, host: '10.9.9.9', address: '127.0.0.1', port: camera.port, secure: false,
    credentials: credentials ? { username: 'admin', password: new Secret(PASSWORD) } : null, transport,
  }, (happening) => told.push(happening));
  const player = play(passage.url);
  return { camera, passage, told, ...player, failed: () => told.flatMap((one) => one.type === 'failed' ? [one.reason] : []) };
}
/** What ffmpeg would be: sends a request, waits for the answer. */
function play(url: string) {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
  cleanup.push(() => { socket.destroy(); });
  socket.on('error', () => undefined);
  let text = '';
  let seq = 0;
  socket.on('data', (chunk) => { text += chunk.toString('latin1'); });
  const until = async (done: () => boolean, ms = 3000): Promise<void> => { for (let left = ms; !done() && left > 0; left -= 10) await new Promise((resolve) => { setTimeout(resolve, 10); }); };
  return {
    socket, until, received: () => text,
    async ask(method: string, uri: string, headers: string[] = []): Promise<string> {
      text = '';
      socket.write([`${method} ${uri} RTSP/1.0`, `CSeq: ${++seq}`, ...headers, '', ''].join('\r\n'));
      await until(() => text.includes('\r\n\r\n') || socket.destroyed);
      return text;
    },
  };
}
const ok = (extra: { headers?: string[]; body?: string } = {}) => ({ start: 'RTSP/1.0 200 OK', ...extra });
const describeAnswer = ok({ headers: ['Content-Type: application/sdp', 'Content-Base: rtsp://10.9.9.9:554/live/ch1/'], body: SDP });
const param = (header: string, name: string): string => new RegExp(`${name}="?([^",]+)"?`).exec(header)?.[1] ?? '';

describe('the door to a camera', () => {
  it.each([['MD5', 'md5', 'qop="auth",'], ['SHA-256', 'sha256', 'qop="auth",'], ['MD5', 'md5', '']])('answers a Digest challenge: %s %s %s', async (algorithm, hash, qop) => {
    const { camera, passage, ask } = await between((asked) => asked.headers.has('authorization') ? describeAnswer
      : { start: 'RTSP/1.0 401 Unauthorized', headers: [`WWW-Authenticate: Basic realm="x"`, `WWW-Authenticate: Digest realm="cam", ${qop} nonce="abc", algorithm=${algorithm}, opaque="op"`] });
    const answer = await ask('DESCRIBE', passage.url, ['Accept: application/sdp']);
    expect(answer).toContain('200 OK');
    // The whole words: the port or the token in the address may well hold these digits.
    expect(answer).not.toContain('401 Unauthorized');
    const sent = camera.asked[1];
    const header = sent?.headers.get('authorization') ?? '';
    const digest = (text: string): string => createHash(hash).update(text).digest('hex');
    const ha2 = digest(`DESCRIBE:${sent?.uri}`);
    const ha1 = digest(`admin:cam:${PASSWORD}`);
    const expected = qop === '' ? digest(`${ha1}:abc:${ha2}`) : digest(`${ha1}:abc:00000001:${param(header, 'cnonce')}:auth:${ha2}`);
    expect(param(header, 'response')).toBe(expected);
    expect(param(header, 'opaque')).toBe('op');
    expect(sent?.uri).toBe('rtsp://10.9.9.9:554/live/ch1?x=1');
  });

  it('answers Basic where a camera knows nothing else', async () => {
    const { camera, passage, ask } = await between((asked) => asked.headers.has('authorization') ? describeAnswer : { start: 'RTSP/1.0 401 Unauthorized', headers: ['WWW-Authenticate: Basic realm="x"'] });
    await ask('DESCRIBE', passage.url);
    expect(Buffer.from((camera.asked[1]?.headers.get('authorization') ?? '').slice(6), 'base64').toString()).toBe(`admin:${PASSWORD}`);
  });

  it('names a wrong password once, and does not try it again and again', async () => {
    const { camera, passage, ask, failed } = await between(() => ({ start: 'RTSP/1.0 401 Unauthorized', headers: ['WWW-Authenticate: Digest realm="cam", nonce="abc"'] }));
    expect(await ask('DESCRIBE', passage.url)).toContain('401');
    expect(failed()).toEqual(['wrong_password']);
    expect(camera.asked.length).toBe(2);
  });

  it('follows no redirect', async () => {
    const { passage, ask, failed } = await between(() => ({ start: 'RTSP/1.0 302 Moved', headers: ['Location: rtsp://169.254.169.254/'] }), false);
    expect(await ask('DESCRIBE', passage.url)).not.toContain('169.254');
    expect(failed()).toEqual(['address_forbidden']);
  });

  it('lets no address of the camera through, and puts its own in their place', async () => {
    const { camera, passage, ask } = await between((asked) => asked.method === 'DESCRIBE' ? describeAnswer
      : ok({ headers: ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1;source=10.9.9.9;ssrc=1A', 'Session: 77', 'RTP-Info: url=rtsp://10.9.9.9/x', 'Location: rtsp://10.9.9.9/'] }), false);
    const described = await ask('DESCRIBE', passage.url);
    expect(described).not.toContain('10.9.9.9');
    expect(described).toContain(`Content-Base: ${passage.url}/`);
    const set = await ask('SETUP', `${passage.url}/track1`, ['Transport: RTP/AVP;unicast;client_port=5000-5001;interleaved=0-1']);
    expect(set).not.toContain('10.9.9.9');
    await ask('PLAY', `${passage.url}/`, ['Session: 77']);
    expect(camera.asked.map((one) => one.uri)).toEqual(['rtsp://10.9.9.9:554/live/ch1?x=1', 'rtsp://10.9.9.9:554/live/ch1/trackID=1', 'rtsp://10.9.9.9:554/live/ch1/']);
    expect(camera.asked[1]?.headers.get('transport')).toBe('RTP/AVP/TCP;unicast;interleaved=0-1');
  });

  it('passes frames through unchanged, with answers among them', async () => {
    const frame = Buffer.concat([Buffer.from([0x24, 0, 0, 5]), Buffer.from('hello')]);
    const { passage, ask, until, received } = await between((asked, socket) => {
      if (asked.method === 'PLAY') setTimeout(() => { socket.write(frame.subarray(0, 3)); setTimeout(() => socket.write(Buffer.concat([frame.subarray(3), frame, Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 99\r\n\r\n'), frame])), 30); }, 20);
      return asked.method === 'DESCRIBE' ? describeAnswer : ok({ headers: ['Transport: RTP/AVP/TCP;interleaved=0-1'] });
    }, false);
    await ask('DESCRIBE', passage.url);
    await ask('SETUP', `${passage.url}/track1`);
    await ask('PLAY', `${passage.url}/`);
    await until(() => received().split('hello').length === 4);
    expect(received().slice(received().indexOf('$'))).toBe('$\u0000\u0000\u0005hello'.repeat(3));
    expect(passage.bytes()).toBeGreaterThan(27);
  });

  it.each([
    ['not_found', (): ReturnType<Answer> => ({ start: 'RTSP/1.0 404 Not Found' })],
    ['unreachable', (): ReturnType<Answer> => null],
    ['unsupported', (): ReturnType<Answer> => ok({ headers: ['Content-Type: application/sdp'], body: 'v=0\r\nm=audio 0 RTP/AVP 0\r\n' })],
  ] as const)('says %s when it is so', async (reason, answer) => {
    const { passage, ask, until, failed } = await between(answer, false);
    await ask('DESCRIBE', passage.url);
    await until(() => failed().length > 0);
    expect(failed()).toEqual([reason]);
  });

  it('says when a playing camera sends nothing more', async () => {
    const { passage, ask, until, failed } = await between((asked) => asked.method === 'DESCRIBE' ? describeAnswer : ok({ headers: ['Transport: RTP/AVP/TCP;interleaved=0-1'] }), false);
    await ask('DESCRIBE', passage.url);
    await ask('SETUP', `${passage.url}/track1`);
    await ask('PLAY', `${passage.url}/`);
    await until(() => failed().length > 0);
    expect(failed()).toEqual(['no_packets']);
  });

  it('says refused for a closed port', async () => {
    const { camera, passage, ask, failed, until } = await (async () => { const all = await between(() => null, false); await all.camera.stop(); return all; })();
    expect(camera.asked).toEqual([]);
    await ask('OPTIONS', passage.url);
    await until(() => failed().length > 0);
    expect(failed()).toEqual(['refused']);
  });

  it('opens once, and only with its token', async () => {
    const { passage, ask } = await between(() => describeAnswer, false);
    await ask('DESCRIBE', passage.url);
    expect(await play(passage.url).ask('DESCRIBE', passage.url)).toBe('');
    const other = passage.url.slice(0, -32) + 'x'.repeat(32);
    expect(await play(other).ask('DESCRIBE', other)).toBe('');
  });

  it('breaks off a camera that never ends its answer', async () => {
    const { passage, ask, until, failed } = await between((asked, socket) => { socket.write(`RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(5000)}`); return null; }, false);
    await ask('DESCRIBE', passage.url);
    await until(() => failed().length > 0);
    expect(failed()).toEqual(['unsupported']);
  });

  it('keeps the password out of everything that prints', () => {
    const secret = new Secret(PASSWORD);
    expect([String(secret), JSON.stringify({ secret }), inspect({ secret }), `${secret}`].join()).not.toContain('p@ss');
  });
});

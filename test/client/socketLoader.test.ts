/** The loader of live pictures: whatever moment a picture is left at, nothing is thrown into the page and nobody is called any more. */
import type Mpegts from 'mpegts.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { socketLoader } from '../../client/video/socketLoader.ts';

/** As a browser's: one that is closed while it connects tells of an error, then of its end, a moment later. */
class Socket {
  static readonly OPEN = 1;
  static all: Socket[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() { Socket.all.push(this); }
  close(): void { const connecting = this.readyState === 0; this.readyState = 2; setTimeout(() => { if (connecting) this.onerror?.(); this.readyState = 3; this.onclose?.(); }, 0); }
  comeThrough(): void { this.readyState = 1; this.onopen?.(); }
}
/** What the library gives: `destroy` takes the callbacks away. */
class BaseLoader {
  _status = 0; _needStash = false;
  onDataArrival: unknown = null; onError: unknown = null; onComplete: unknown = null;
  destroy(): void { this._status = 0; this.onDataArrival = this.onError = this.onComplete = null; }
}
const library = { BaseLoader, LoaderStatus: { kIdle: 0, kConnecting: 1, kBuffering: 2, kError: 3, kComplete: 4 }, LoaderErrors: { EXCEPTION: 'Exception' } } as unknown as typeof Mpegts;

beforeEach(() => { vi.useFakeTimers(); vi.stubGlobal('WebSocket', Socket); Socket.all = []; });
afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals(); });
function begin() {
  const Loader = socketLoader(library);
  const loader = new Loader({} as never, {} as never);
  const told: unknown[] = [];
  loader.onDataArrival = (_chunk, from, received) => { told.push([from, received]); };
  loader.onError = (kind) => { told.push(kind); };
  loader.onComplete = (_from, to) => { told.push(`complete ${to}`); };
  loader.open({ url: 'ws://here/media/x' } as never, { from: 0, to: -1 });
  const socket = Socket.all.at(-1);
  if (!socket) throw new Error('no socket');
  return { loader, socket, told };
}

describe('the loader of live pictures', () => {
  it('is left while it connects: the socket closes, nothing is thrown, nobody is told', () => {
    const { loader, socket, told } = begin();
    loader.destroy();
    expect(() => { vi.runAllTimers(); }).not.toThrow();
    expect([socket.readyState, told]).toEqual([3, []]);
  });
  it('counts what comes, and is left in the middle of it', () => {
    const { loader, socket, told } = begin();
    socket.comeThrough();
    for (const n of [3, 4]) socket.onmessage?.({ data: new ArrayBuffer(n) });
    expect([told, loader._status]).toEqual([[[0, 3], [3, 7]], 2]);
    loader.destroy();
    vi.runAllTimers();
    expect([socket.readyState, told.length]).toEqual([3, 2]);
  });
  it('tells of an end, and of a failure once', () => {
    const ended = begin();
    ended.socket.comeThrough();
    ended.socket.onclose?.();
    expect(ended.told).toEqual(['complete -1']);
    const failed = begin();
    failed.socket.onerror?.();
    failed.socket.onclose?.();
    expect([failed.told, failed.loader._status]).toEqual([['Exception'], 3]);
  });
});

/**
 * How the bytes of a live picture reach the player: over a WebSocket. The library's own loader throws into the page when a
 * picture is left while its socket still connects: the error of the closed socket then finds nobody who listens (seen when
 * scenes change quickly). This one lets go of a socket before it closes it.
 */
import type Mpegts from 'mpegts.js';

export function socketLoader(mpegts: typeof Mpegts): Mpegts.CustomLoaderConstructor {
  const { LoaderStatus, LoaderErrors } = mpegts;
  return class SocketLoader extends mpegts.BaseLoader {
    private socket: WebSocket | null = null;
    private received = 0;
    constructor() { super('websocket'); this._needStash = true; }
    override destroy(): void { this.abort(); super.destroy(); }
    override open(source: { url: string }): void {
      const socket = new WebSocket(source.url);
      this.socket = socket;
      this._status = LoaderStatus.kConnecting;
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => { this._status = LoaderStatus.kBuffering; };
      socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => { const from = this.received; this.received += data.byteLength; this.onDataArrival(data, from, this.received); };
      socket.onclose = () => { this.letGo(); this._status = LoaderStatus.kComplete; this.onComplete(0, this.received - 1); };
      socket.onerror = () => { this.letGo(); this._status = LoaderStatus.kError; this.onError(LoaderErrors.EXCEPTION as unknown as Mpegts.LoaderErrors, { code: -1, msg: 'the socket failed' }); };
    }
    override abort(): void {
      const socket = this.letGo();
      if (socket && socket.readyState <= WebSocket.OPEN) socket.close();
      this._status = LoaderStatus.kComplete;
    }
    private letGo(): WebSocket | null {
      const { socket } = this;
      if (socket) socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      this.socket = null;
      return socket;
    }
  };
}

/** node-media-server 4 has no usable types: the little that relay/entry.ts touches. */
declare module 'node-media-server' {
  export default class NodeMediaServer {
    constructor(config: object);
    on(event: string, listener: (session: never) => void): void;
// eslint-disable-next-line @typescript-eslint/consistent-type-imports -- a top-level import would make this file a module
    rtmpServer: { tcpServer: unknown; run(): void; handleRequest: (socket: import('node:net').Socket) => void };
  }
}
declare module 'node-media-server/src/core/context.js' {
  const context: { broadcasts: Map<string, unknown>; sessions: Map<string, unknown> };
  export default context;
}
declare module 'node-media-server/src/core/logger.js' {
  const logger: { level: string; log: (message: string, level?: string) => void };
  export default logger;
}
declare module 'node-media-server/src/protocol/rtmp.js' {
  const rtmp: { createMessage: (packet: object) => Buffer };
  export default rtmp;
}
declare module 'node-media-server/src/protocol/flv.js' {
  const flv: { createMessage: (packet: { codec_type: number; size: number; dts: number; data: Buffer }) => Buffer };
  export default flv;
}

/**
 * What a camera says beside its pictures: its own clock, in the sender reports of RTCP (RFC 3550, 6.4.1), of the moment at
 * which they are sent.
 */
export interface ReportReader {
  /** Interleaved frames as they came; a run may begin or end within a frame. */
  run(bytes: Buffer): void;
  /** One RTCP packet that came by UDP. */
  control(packet: Buffer): void;
}

const SENDER_REPORT = 200;
/** NTP counts from 1900. */
const NTP_TO_UNIX = 2_208_988_800;
/** Older than this a camera tells the time since its start, not a date. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LONGEST_REPORT = 1500;

/** Tells each instant that the camera says, in milliseconds. */
export function readReports(tell: (ms: number) => void): ReportReader {
  /** The bytes of a head, or of a report, that are there so far; of pictures only the rest is counted. */
  let head: Buffer = Buffer.alloc(0);
  let skip = 0;

  // A compound packet begins with the report.
  function control(packet: Buffer): void {
    if (packet.length < 20 || packet[1] !== SENDER_REPORT || (packet[0] ?? 0) >> 6 !== 2) return;
    const at = Math.round((packet.readUInt32BE(8) - NTP_TO_UNIX + packet.readUInt32BE(12) / 2 ** 32) * 1000);
    if (at >= EARLIEST) tell(at);
  }
  return {
    control,
    run(bytes) {
      let at = 0;
      while (at < bytes.length) {
        if (skip > 0) { const step = Math.min(skip, bytes.length - at); skip -= step; at += step; continue; }
        const wanted = head.length < 4 ? 4 : 4 + head.readUInt16BE(2);
        const piece = bytes.subarray(at, at + wanted - head.length);
        head = Buffer.concat([head, piece]);
        at += piece.length;
        if (head.length < 4) continue;
        const length = head.readUInt16BE(2);
        // Odd channels carry RTCP.
        if ((head[1] ?? 0) % 2 === 0 || length > LONGEST_REPORT) { skip = 4 + length - head.length; head = Buffer.alloc(0); continue; }
        if (head.length === 4 + length) { control(head.subarray(4)); head = Buffer.alloc(0); }
      }
    },
  };
}

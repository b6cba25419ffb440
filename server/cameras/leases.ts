/**
 * Who watches what out of a desk's line, and whether one more large picture fits. A large picture is lent for some
 * minutes; a page that still shows it asks again. Where the media node stands at the centre, every camera's main stream
 * comes over the line anyway (it is recorded) and one more viewer adds nothing: nothing is refused then.
 */
import { Fault } from '#contract/faults.ts';
import type { Nodes } from './nodes.ts';

export interface Lease { ticket: string; node: string; camera: string; unit: string; quality: 'main' | 'sub'; since: number }
export interface Line { loadKbps: number; leases: number; /** True where a camera has not told its rate and an assumed one counts. */ assumed: boolean }
export interface Leases {
  /** Refuses with `uplink_full` what would not fit. */
  admit(wanted: Omit<Lease, 'ticket' | 'since'>, capKbps: number | null): void;
  keep(lease: Omit<Lease, 'since'>): void;
  line(unit: string): Line;
}

/** What counts while a camera has not told: a usual main stream, a usual sub-stream. */
export const ASSUMED = { main: 2000, sub: 400 } as const;
/** A ticket that was just given is not in a report yet. */
const UNSEEN_MS = 10_000;

export function openLeases({ nodes, place, now }: { nodes: Pick<Nodes, 'of' | 'cameraState'>; place: 'centre' | 'desk'; now: () => number }): Leases {
  const leases = new Map<string, Lease>();
  const rateOf = (one: Pick<Lease, 'node' | 'camera' | 'quality'>): { kbps: number; assumed: boolean } => {
    const told = one.quality === 'main' ? nodes.cameraState(one.node, one.camera)?.bitrateKbps ?? null : null;
    return { kbps: told ?? ASSUMED[one.quality], assumed: told === null };
  };
  const living = (unit: string): Lease[] => {
    for (const [ticket, one] of leases) if (now() - one.since > UNSEEN_MS && nodes.of(one.node)?.report.viewers.includes(ticket) !== true) leases.delete(ticket);
    return [...leases.values()].filter((one) => one.unit === unit);
  };
  const line = (unit: string): Line => {
    const rates = living(unit).map(rateOf);
    return { loadKbps: rates.reduce((sum, one) => sum + one.kbps, 0), leases: rates.length, assumed: rates.some((one) => one.assumed) };
  };
  return {
    line,
    admit(wanted, capKbps) {
      if (place === 'centre' || capKbps === null || wanted.quality === 'sub') return;
      const free = capKbps - line(wanted.unit).loadKbps;
      const needed = rateOf(wanted).kbps;
      if (needed > free) throw new Fault('uplink_full', `the picture needs ${needed} kbit/s; ${Math.max(0, free)} of ${capKbps} are free`, { retryAfter: 30, neededKbps: needed, freeKbps: Math.max(0, free), capKbps });
    },
    keep(lease) { leases.set(lease.ticket, { ...lease, since: now() }); },
  };
}

/**
 * Where a camera may lie. An address that a person typed makes a machine inside the network open connections, so it is
 * checked by allow-list, after resolution, and whoever connects must use the address returned here: resolving a second
 * time would give a hostile name server its chance.
 *
 * The centre asks this when a camera is saved, the media node asks it again each time before it connects.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type AddressRefusal = 'malformed' | 'scheme' | 'credentials' | 'host' | 'unresolved' | 'outside_networks';
export type CameraAddress =
  | { ok: true; host: string; address: string; port: number; secure: boolean }
  | { ok: false; why: AddressRefusal };

type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;
type Resolve = (host: string) => Promise<string[]>;

const DEFAULT_PORT = { 'rtsp:': 554, 'rtsps:': 322 } as const;
/** Ranges that a wide network such as 0.0.0.0/0 does not open: they must be named themselves. */
const ONLY_WHEN_NAMED = new Set(['loopback', 'linkLocal']);
const NEVER = new Set(['unspecified', 'multicast', 'broadcast']);

const resolveAll: Resolve = async (host) => (await lookup(host, { all: true, verbatim: true })).map((one) => one.address);

export async function checkCameraAddress(url: string, networks: readonly string[], resolve: Resolve = resolveAll): Promise<CameraAddress> {
  const parsed = readUrl(url);
  if (!parsed.ok) return parsed;
  const { host, port, secure } = parsed;
  let addresses: string[];
  if (isIP(host) !== 0) addresses = [host];
  else {
    try { addresses = await resolve(host); } catch { return { ok: false, why: 'unresolved' }; }
  }
  const [first] = addresses;
  if (first === undefined) return { ok: false, why: 'unresolved' };
  // Every one of them: a name with one address inside and one outside must not work on a lucky day.
  if (!addresses.every((address) => liesWithin(address, networks))) return { ok: false, why: 'outside_networks' };
  return { ok: true, host, address: normalise(first)?.toString() ?? first, port, secure };
}

function readUrl(url: string): { ok: true; host: string; port: number; secure: boolean } | { ok: false; why: AddressRefusal } {
   
  if (url.length > 500 || /[\u0000-\u0020\u007f-\u00a0\\]/.test(url)) return { ok: false, why: 'malformed' };
  let parsed: URL;
  try { parsed = new URL(url); } catch { return { ok: false, why: 'malformed' }; }
  if (parsed.protocol !== 'rtsp:' && parsed.protocol !== 'rtsps:') return { ok: false, why: 'scheme' };
  const authority = url.slice(url.indexOf('//') + 2).split(/[/?#]/)[0] ?? '';
  if (parsed.username !== '' || parsed.password !== '' || authority.includes('@')) return { ok: false, why: 'credentials' };
  const host = hostOf(parsed.hostname);
  if (host === null) return { ok: false, why: 'host' };
  const port = parsed.port === '' ? DEFAULT_PORT[parsed.protocol] : Number(parsed.port);
  if (port < 1 || port > 65535) return { ok: false, why: 'malformed' };
  return { ok: true, host, port, secure: parsed.protocol === 'rtsps:' };
}

/** A plain dotted quad, a bracketed IPv6 without zone, or a name that no resolver could read as a number. */
function hostOf(hostname: string): string | null {
  if (hostname.startsWith('[')) {
    const inner = hostname.slice(1, -1);
    return !inner.includes('%') && isIP(inner) === 6 ? inner : null;
  }
  if (ipaddr.IPv4.isValidFourPartDecimal(hostname)) return isIP(hostname) === 4 ? hostname : null;
  // 0x7f000001, 2130706433, 127.1, 0177.0.0.1: what looks like a number but is no plain quad is an attempt.
  const last = hostname.replace(/\.$/, '').split('.').at(-1) ?? '';
  if (last === '' || /^(\d+|0x[0-9a-f]*)$/i.test(last)) return null;
  return /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*\.?$/i.test(hostname) ? hostname : null;
}

/** IPv4 inside IPv6 (::ffff:a.b.c.d) is the IPv4 address it stands for. */
function normalise(address: string): IpAddress | null {
  if (address.includes('%') || !ipaddr.isValid(address)) return null;
  return ipaddr.process(address);
}

/** Whether an address (not a name) is one of a camera. */
export function liesWithin(text: string, networks: readonly string[]): boolean {
  const address = normalise(text);
  if (address === null) return false;
  const range = address.range();
  if (NEVER.has(range)) return false;
  return networks.some((network) => {
    if (!ipaddr.isValidCIDR(network)) return false;
    const [base, bits] = ipaddr.parseCIDR(network);
    if (base.kind() !== address.kind() || !address.match([base, bits] as never)) return false;
    return !ONLY_WHEN_NAMED.has(range) || base.range() === range;
  });
}

/** WS-Discovery: who on the camera networks is a camera. Heard are only addresses of these networks, believed only what they say of themselves. */
import { createSocket } from 'node:dgram';
import { randomUUID } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { liesWithin } from '#config/cameraAddress.ts';
import { nodesAt, parseXml, textAt } from './xml.ts';

export interface FoundDevice { address: string; service: string; name: string | null; hardware: string | null }
export interface Probed { devices: FoundDevice[]; refused: number; probed: number; unprobed: number; next: number | null }

const PORT = 3702;
const GROUP = '239.255.255.250';
const LISTEN_MS = 4000;
const MOST_ADDRESSES = 1024;
const MOST_DEVICES = 256;
const LONGEST_ANSWER = 16 * 1024;
/** Between two bursts, so that a small switch is not flooded. */
const EVERY = { packets: 32, ms: 25 };

/** A page of the addresses, in the order of the networks, from the one with number `from`. */
export async function probe(networks: readonly string[], from = 0): Promise<Probed> {
  const { hosts, next, left } = pageOf(networks, from);
  const devices = new Map<string, FoundDevice>();
  const refused = new Set<string>();
  const socket = createSocket({ type: 'udp4' });
  socket.on('error', () => undefined);
  socket.on('message', (bytes, sender) => {
    if (bytes.length > LONGEST_ANSWER || devices.size >= MOST_DEVICES || refused.size >= MOST_DEVICES) return;
    if (!liesWithin(sender.address, networks)) { refused.add(sender.address); return; }
    const { found, strange } = readMatches(bytes.toString('utf8'), sender.address);
    if (strange) refused.add(sender.address);
    if (found !== null) devices.set(found.address, found);
  });
  await new Promise<void>((resolve) => { socket.bind(0, resolve); });
  const question = Buffer.from(questionOf(randomUUID()), 'utf8');
  try {
    if (from === 0 && networks.some((network) => !isLoopback(network))) {
      socket.setMulticastTTL(2);
      socket.send(question, PORT, GROUP, () => undefined);
    }
    for (const [i, host] of hosts.entries()) {
      socket.send(question, PORT, host, () => undefined);
      if (i % EVERY.packets === EVERY.packets - 1) await pause(EVERY.ms);
    }
    await pause(LISTEN_MS);
  } finally { socket.close(); }
  return { devices: [...devices.values()], refused: refused.size, probed: hosts.length, unprobed: left, next };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

const questionOf = (id: string): string => `<?xml version="1.0" encoding="utf-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>uuid:${id}</w:MessageID><w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To><w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header><e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>`;

/** `strange`: it named an address that is not its own. Such a one is never asked, whatever else it says. */
export function readMatches(text: string, sender: string): { found: FoundDevice | null; strange: boolean } {
  const matches = nodesAt(parseXml(text), 'Envelope', 'Body', 'ProbeMatches', 'ProbeMatch');
  let strange = false;
  let found: FoundDevice | null = null;
  for (const match of matches.slice(0, 4)) {
    const scopes = (textAt(match, 'Scopes') ?? '').split(/\s+/);
    const scope = (kind: string) => { const one = scopes.find((text_) => text_.startsWith(`onvif://www.onvif.org/${kind}/`))?.split('/').at(-1) ?? null; try { return one === null ? null : decodeURIComponent(one).replace(/[\u0000-\u001f\u007f]/g, '').slice(0, 80); } catch { return null; } };
    for (const service of (textAt(match, 'XAddrs') ?? '').split(/\s+/).filter((one) => one !== '').slice(0, 8)) {
      if (isServiceOf(service, sender)) found ??= { address: sender, service, name: scope('name'), hardware: scope('hardware') };
      // A camera with two addresses names both; the one that answered is enough.
      else if (!/^https?:\/\/(\[fe80|169\.254\.)/i.test(service)) strange = true;
    }
  }
  return { found, strange };
}

/** http(s) at exactly this address, without credentials. */
export function isServiceOf(service: string, address: string): boolean {
  if (service.length > 500) return false;
  try {
    const url = new URL(service);
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '' && url.hostname.replace(/^\[|\]$/g, '') === address;
  } catch { return false; }
}

const isLoopback = (network: string): boolean => { try { return ipaddr.parseCIDR(network)[0].range() === 'loopback'; } catch { return true; } };

export function pageOf(networks: readonly string[], from: number): { hosts: string[]; next: number | null; left: number } {
  const hosts = new Set<string>();
  let [skip, taken, total] = [from, 0, 0];
  for (const network of networks) {
    const page = hostsOf(network, skip, MOST_ADDRESSES - taken);
    for (const host of page.hosts) hosts.add(host);
    taken += page.hosts.length;
    total += page.count;
    skip = Math.max(0, skip - page.count);
  }
  return { hosts: [...hosts], next: from + taken < total ? from + taken : null, left: Math.max(0, total - from - taken) };
}

/** Addresses of an IPv4 network, `most` of them from number `skip`; IPv6 is only asked by multicast. */
export function hostsOf(network: string, skip = 0, most = MOST_ADDRESSES): { hosts: string[]; count: number } {
  if (!ipaddr.isValidCIDR(network)) return { hosts: [], count: 0 };
  const [base, bits] = ipaddr.parseCIDR(network);
  if (base.kind() !== 'ipv4') return { hosts: [], count: 0 };
  const size = 2 ** (32 - bits);
  const first = base.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
  const start = Math.floor(first / size) * size;
  // The first and the last of a network are no hosts.
  const [from, count] = size > 2 ? [start + 1, size - 2] : [start, size];
  return { count, hosts: Array.from({ length: Math.max(0, Math.min(count - skip, most)) }, (_, i) => [24, 16, 8, 0].map((shift) => Math.floor((from + skip + i) / 2 ** shift) % 256).join('.')) };
}

/** One device asked for its make and its streams (ONVIF device and media service). It is asked at its own address only, whatever it says. */
import { createHash, randomBytes } from 'node:crypto';
import type { DiscoverAnswer } from '#contract/discovery.ts';
import { checkCameraAddress, liesWithin } from '#config/cameraAddress.ts';
import { isServiceOf } from './probe.ts';
import { escapeXml, nodesAt, parseXml, textAt, type Node } from './xml.ts';

export type Details = NonNullable<DiscoverAnswer['details']>;
export interface Login { username: string; password: string }

const PATIENCE_MS = 4000;
const LONGEST_MS = 12_000;
const LONGEST_ANSWER = 256 * 1024;
const MOST_PROFILES = 8;
const DEVICE = 'http://www.onvif.org/ver10/device/wsdl';
const MEDIA = 'http://www.onvif.org/ver10/media/wsdl';

class Trouble extends Error { readonly kind: NonNullable<Details['trouble']>; constructor(kind: NonNullable<Details['trouble']>) { super(kind); this.kind = kind; } }

/** Null when the service is none of a camera of these networks. */
export async function askDevice(service: string, login: Login | null, networks: readonly string[]): Promise<Details | null> {
  const address = hostOf(service);
  if (address === null || !liesWithin(address, networks) || !isServiceOf(service, address)) return null;
  const details: Details = { trouble: null, manufacturer: null, model: null, streams: [] };
  const deadline = AbortSignal.timeout(LONGEST_MS);
  try {
    const offset = await clockOffset(service, deadline);
    const ask = (to: string, body: string) => call(to, body, login === null ? null : { ...login, offset }, deadline);
    const about = await ask(service, `<GetDeviceInformation xmlns="${DEVICE}"/>`);
    const information = nodesAt(about, 'GetDeviceInformationResponse')[0];
    details.manufacturer = clean(textAt(information, 'Manufacturer'));
    details.model = clean(textAt(information, 'Model'));
    const capabilities = await ask(service, `<GetCapabilities xmlns="${DEVICE}"><Category>Media</Category></GetCapabilities>`);
    const media = textAt(capabilities, 'GetCapabilitiesResponse', 'Capabilities', 'Media', 'XAddr');
    if (media === null || !isServiceOf(media, address)) throw new Trouble('not_understood');
    const profiles = nodesAt(await ask(media, `<GetProfiles xmlns="${MEDIA}"/>`), 'GetProfilesResponse', 'Profiles').slice(0, MOST_PROFILES);
    for (const profile of profiles) {
      const token = textAt(profile, '@token');
      if (token === null) continue;
      const answer = await ask(media, `<GetStreamUri xmlns="${MEDIA}"><StreamSetup><Stream xmlns="http://www.onvif.org/ver10/schema">RTP-Unicast</Stream><Transport xmlns="http://www.onvif.org/ver10/schema"><Protocol>RTSP</Protocol></Transport></StreamSetup><ProfileToken>${escapeXml(token)}</ProfileToken></GetStreamUri>`);
      const size = (side: string) => { const value = Number(textAt(profile, 'VideoEncoderConfiguration', 'Resolution', side)); return Number.isInteger(value) && value > 0 && value < 20_000 ? value : null; };
      details.streams.push({
        profile: clean(textAt(profile, 'Name')) ?? clean(token) ?? '—', codec: clean(textAt(profile, 'VideoEncoderConfiguration', 'Encoding')), width: size('Width'), height: size('Height'),
        url: await ownStream(textAt(answer, 'GetStreamUriResponse', 'MediaUri', 'Uri'), networks),
      });
    }
  } catch (error) { details.trouble = error instanceof Trouble ? error.kind : 'unreachable'; }
  return details;
}

const clean = (text: string | null): string | null => text === null || text === '' ? null : text.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, 80);
function hostOf(service: string): string | null { try { return new URL(service).hostname.replace(/^\[|\]$/g, ''); } catch { return null; } }

/** The address without credentials, when it is an address of the camera networks; a name is not resolved for a stranger. */
async function ownStream(uri: string | null, networks: readonly string[]): Promise<string | null> {
  const bare = (uri ?? '').trim().replace(/^(rtsps?:\/\/)[^/?#@]*@/i, '$1');
  const verdict = await checkCameraAddress(bare, networks, (name) => Promise.reject(new Error(name)));
  return verdict.ok ? bare : null;
}

/** Milliseconds from our clock to the device's: the digest is of its time. */
async function clockOffset(service: string, deadline: AbortSignal): Promise<number> {
  const body = await call(service, `<GetSystemDateAndTime xmlns="${DEVICE}"/>`, null, deadline).catch((error: unknown) => { if (error instanceof Trouble && error.kind === 'unreachable') throw error; return null; });
  const utc = nodesAt(body, 'GetSystemDateAndTimeResponse', 'SystemDateAndTime', 'UTCDateTime')[0];
  const at = Date.UTC(...(['Date.Year', 'Date.Month', 'Date.Day', 'Time.Hour', 'Time.Minute', 'Time.Second'].map((path, i) => Number(textAt(utc, ...path.split('.'))) - (i === 1 ? 1 : 0)) as [number, number, number, number, number, number]));
  return Number.isFinite(at) ? at - Date.now() : 0;
}

/** WS-UsernameToken with a digest: the password itself does not go over the line. */
export function securityHeader({ username, password, offset }: Login & { offset: number }, nonce = randomBytes(16)): string {
  const created = new Date(Date.now() + offset).toISOString();
  const digest = createHash('sha1').update(nonce).update(created, 'utf8').update(password, 'utf8').digest('base64');
  const security = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';
  return `<s:Header><Security s:mustUnderstand="1" xmlns="${security}-wssecurity-secext-1.0.xsd"><UsernameToken><Username>${escapeXml(username)}</Username><Password Type="${security}-username-token-profile-1.0#PasswordDigest">${digest}</Password><Nonce EncodingType="${security}-soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</Nonce><Created xmlns="${security}-wssecurity-utility-1.0.xsd">${created}</Created></UsernameToken></Security></s:Header>`;
}

async function call(to: string, body: string, login: (Login & { offset: number }) | null, deadline: AbortSignal): Promise<Node> {
  const envelope = `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">${login === null ? '' : securityHeader(login)}<s:Body>${body}</s:Body></s:Envelope>`;
  let status: number;
  let text: string;
  try {
    const answer = await fetch(to, { method: 'POST', redirect: 'error', headers: { 'content-type': 'application/soap+xml; charset=utf-8' }, body: envelope, signal: AbortSignal.any([deadline, AbortSignal.timeout(PATIENCE_MS)]) });
    status = answer.status;
    text = await readBounded(answer);
  } catch { throw new Trouble('unreachable'); }
  const parsed = nodesAt(parseXml(text), 'Envelope', 'Body')[0];
  if (status === 401 || /NotAuthorized|FailedAuthentication|SenderNotAuthorized/i.test(text.slice(0, 4000))) throw new Trouble('wrong_password');
  if (status !== 200 || parsed === undefined) throw new Trouble('not_understood');
  return parsed;
}

async function readBounded(answer: globalThis.Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > LONGEST_ANSWER) throw new Error('too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** A camera's ONVIF side, small: answers a probe on 127.0.0.1:3702 and four questions over HTTP, with the digest checked. May lie when asked to. */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeOnvif { service: string; asked: string[]; xaddrs: string; media: string | null; streams: string[]; raw: string | null; stop(): Promise<void> }

const envelope = (body: string): string => `<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="x" xmlns:trt="y" xmlns:tt="z"><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** `hoursOff`: its clock. */
export async function startFakeOnvif(login: { username: string; password: string }, hoursOff = 0): Promise<FakeOnvif> {
  const clock = () => new Date(Date.now() + hoursOff * 3_600_000);
  const http = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => { text += piece.toString(); });
    request.on('end', () => {
      const what = /<(Get\w+)/.exec(text)?.[1] ?? '';
      device.asked.push(what);
      const answer = (status: number, body: string) => { response.writeHead(status, { 'content-type': 'application/soap+xml' }).end(device.raw ?? envelope(body)); };
      const now = clock();
      if (what === 'GetSystemDateAndTime') { answer(200, `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime><tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`); return; }
      const [user = '', digest = '', nonce = '', created = ''] = [/<Username>([^<]*)/, /<Password[^>]*>([^<]*)/, /<Nonce[^>]*>([^<]*)/, /<Created[^>]*>([^<]*)/].map((one) => one.exec(text)?.[1] ?? '');
      const expected = createHash('sha1').update(Buffer.from(nonce, 'base64')).update(created).update(login.password).digest('base64');
      const plain = user.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
      if (plain !== login.username || digest !== expected || Math.abs(Date.parse(created) - now.getTime()) > 10_000) { answer(400, '<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Subcode><SOAP-ENV:Value>ter:NotAuthorized</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code></SOAP-ENV:Fault>'); return; }
      if (what === 'GetDeviceInformation') answer(200, '<tds:GetDeviceInformationResponse><tds:Manufacturer>Toàn &amp; Cảnh</tds:Manufacturer><tds:Model>Mắt 1</tds:Model></tds:GetDeviceInformationResponse>');
      else if (what === 'GetCapabilities') answer(200, `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>${device.media ?? device.service}</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`);
      else if (what === 'GetProfiles') answer(200, `<trt:GetProfilesResponse>${device.streams.map((_, i) => `<trt:Profiles token="p${i}"><tt:Name>profile ${i}</tt:Name><tt:VideoEncoderConfiguration><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>${i === 0 ? 1920 : 640}</tt:Width><tt:Height>${i === 0 ? 1080 : 360}</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>`).join('')}</trt:GetProfilesResponse>`);
      else answer(200, `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${escape(device.streams[Number(/<ProfileToken>p(\d)/.exec(text)?.[1] ?? 0)] ?? '')}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`);
    });
  });
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  const service = `http://127.0.0.1:${(http.address() as AddressInfo).port}/onvif/device_service`;
  const udp = createSocket('udp4');
  udp.on('message', (bytes, sender) => {
    if (!bytes.toString().includes('NetworkVideoTransmitter')) return;
    udp.send(`<?xml version="1.0"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><env:Body><d:ProbeMatches><d:ProbeMatch><d:Scopes>onvif://www.onvif.org/name/C%E1%BB%ADa%20ch%C3%ADnh onvif://www.onvif.org/hardware/TC-1</d:Scopes><d:XAddrs>${device.xaddrs}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></env:Body></env:Envelope>`, sender.port, sender.address);
  });
  await new Promise<void>((resolve, reject) => { udp.once('error', reject); udp.bind(3702, '127.0.0.1', resolve); });
  const device: FakeOnvif = {
    service, asked: [], xaddrs: service, media: null, raw: null, streams: ['rtsp://127.0.0.1:8554/main?a=1&b=2', 'rtsp://127.0.0.1:8554/sub'],
    async stop() { udp.close(); http.closeAllConnections(); await new Promise<void>((resolve) => { http.close(() => resolve()); }); },
  };
  return device;
}

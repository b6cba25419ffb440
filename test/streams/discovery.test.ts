/** Looking for cameras: what a device says of itself is taken, what it says of others is not. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDiscovery, type Discover } from '#streams/discovery/discover.ts';
import { hostsOf, pageOf, readMatches } from '#streams/discovery/probe.ts';
import { parseXml, textAt } from '#streams/discovery/xml.ts';
import { startFakeOnvif, type FakeOnvif } from '../support/fakeOnvif.ts';

const login = { username: 'quầy & "một"', password: 'mật khẩu <1>' };
const networks = ['127.0.0.1/32'];
let device: FakeOnvif;
let discover: Discover;
beforeAll(async () => { device = await startFakeOnvif(login, -7); });
beforeEach(() => { Object.assign(device, { xaddrs: device.service, media: null, raw: null, asked: [], streams: ['rtsp://127.0.0.1:8554/main?a=1&b=2', 'rtsp://127.0.0.1:8554/sub'] }); discover = openDiscovery(() => networks); });
afterAll(async () => { await device?.stop(); });
const ask = (credentials: { username: string; password: string } | null = login, service = device.service) => discover({ device: service, username: credentials?.username ?? null, password: credentials?.password ?? null });

describe('looking for cameras', () => {
  it('finds what answers, with its name', async () => {
    expect(await discover({ device: null, username: null, password: null })).toEqual({ devices: [{ address: '127.0.0.1', service: device.service, name: 'Cửa chính', hardware: 'TC-1' }], refused: 0, probed: 1, unprobed: 0, next: null, details: null });
    expect(device.asked).toEqual([]);
  }, 15_000);
  it('asks nobody whom an answer points at', async () => {
    for (const elsewhere of ['http://169.254.169.254/latest/meta-data', 'http://10.1.2.3/onvif', 'http://127.0.0.1.evil.example/x', 'http://user:pw@127.0.0.1/x', 'file:///etc/passwd', 'http://2130706433/x'].map((one) => readMatches(`<Envelope><Body><ProbeMatches><ProbeMatch><XAddrs>${one}</XAddrs></ProbeMatch></ProbeMatches></Body></Envelope>`, '127.0.0.2').found)) expect(elsewhere).toBeNull();
    device.xaddrs = 'http://192.0.2.9/onvif/device_service';
    expect(await discover({ device: null, username: null, password: null })).toMatchObject({ devices: [], refused: 1 });
    await expect(ask(login, 'http://192.0.2.9/onvif')).rejects.toMatchObject({ code: 'camera_address' });
    await expect(ask(login, 'http://localhost:80/onvif')).rejects.toMatchObject({ code: 'camera_address' });
  }, 15_000);
  it('gets the streams with a digest by the clock of the camera, whatever the letters of the login', async () => {
    expect((await ask()).details).toEqual({ trouble: null, manufacturer: 'Toàn & Cảnh', model: 'Mắt 1', streams: [
      { profile: 'profile 0', codec: 'H264', width: 1920, height: 1080, url: 'rtsp://127.0.0.1:8554/main?a=1&b=2' }, { profile: 'profile 1', codec: 'H264', width: 640, height: 360, url: 'rtsp://127.0.0.1:8554/sub' }] });
    expect((await ask({ ...login, password: 'sai' })).details?.trouble).toBe('wrong_password');
    expect((await ask(null)).details?.trouble).toBe('wrong_password');
  });
  it('takes no stream and no service that lies elsewhere', async () => {
    device.streams = ['rtsp://192.0.2.7/cam', 'rtsp://admin:pw@127.0.0.1:8554/x', 'http://127.0.0.1/x', 'rtsp://evil.example/x'];
    expect((await ask()).details?.streams.map((one) => one.url)).toEqual([null, 'rtsp://127.0.0.1:8554/x', null, null]);
    device.media = 'http://192.0.2.9/media';
    device.asked = [];
    expect((await ask()).details).toMatchObject({ trouble: 'not_understood', streams: [] });
    expect(device.asked).not.toContain('GetProfiles');
  });
  it('reads no document type, no entity, nothing endless', async () => {
    device.raw = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Envelope><Body>&b;</Body></Envelope>';
    expect((await ask()).details?.trouble).toBe('not_understood');
    device.raw = 'x'.repeat(300_000);
    expect((await ask()).details?.trouble).toBe('unreachable');
    expect(parseXml('<a>'.repeat(100) + '</a>'.repeat(100))).toBeNull();
    expect(textAt(parseXml('<x:a><y:b>&amp;lt; &#65;</y:b></x:a>'), 'a', 'b')).toBe('&lt; &#65;');
  });
  it('fails at no text whatever', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map((text) => `<Envelope><Body><ProbeMatches><ProbeMatch><XAddrs>${text}</XAddrs></ProbeMatch></ProbeMatches></Body></Envelope>`)), (text) => { readMatches(text, '10.0.0.1'); }), { numRuns: 300 });
  });
  it('asks a bounded number of addresses, none that is no host', () => {
    expect(hostsOf('10.0.0.0/30')).toEqual({ hosts: ['10.0.0.1', '10.0.0.2'], count: 2 });
    expect(hostsOf('10.0.0.77/29').hosts).toEqual(['10.0.0.73', '10.0.0.74', '10.0.0.75', '10.0.0.76', '10.0.0.77', '10.0.0.78']);
    expect(hostsOf('10.0.0.0/8')).toMatchObject({ count: 2 ** 24 - 2 });
    expect(hostsOf('10.0.0.0/8').hosts).toHaveLength(1024);
    expect(hostsOf('fd00::/64').hosts).toEqual([]);
    // Page after page, over the borders of networks, each address once.
    const networks20 = ['10.0.0.0/22', 'fd00::/64', '10.9.0.0/22', '10.8.0.0/30'];
    const asked: string[] = [];
    const lefts: number[] = [];
    for (let from: number | null = 0; from !== null;) { const page = pageOf(networks20, from); expect(page.hosts.length).toBeLessThanOrEqual(1024); asked.push(...page.hosts); lefts.push(page.left); from = page.next; }
    expect([asked.length, new Set(asked).size, asked.at(-1), lefts]).toEqual([1022 * 2 + 2, 1022 * 2 + 2, '10.8.0.2', [1022, 0]]);
  });
  it('is one at a time', async () => {
    const first = discover({ device: null, username: null, password: null });
    await expect(ask()).rejects.toMatchObject({ code: 'camera_tests_busy' });
    await first;
  }, 15_000);
});

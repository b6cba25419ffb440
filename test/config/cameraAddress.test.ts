import { describe, expect, it } from 'vitest';
import { checkCameraAddress } from '#config/cameraAddress.ts';

const NETWORKS = ['10.20.0.0/16', 'fd00:20::/32'];
const named = (addresses: string[]) => async (): Promise<string[]> => addresses;
const why = async (url: string, networks: string[] = NETWORKS, addresses: string[] = []): Promise<string> => {
  const answer = await checkCameraAddress(url, networks, named(addresses));
  return answer.ok ? `ok ${answer.address}:${answer.port}` : answer.why;
};

describe('where a camera may lie', () => {
  it('is inside the named networks', async () => {
    expect(await why('rtsp://10.20.3.4/stream1?x=1')).toBe('ok 10.20.3.4:554');
    expect(await why('rtsps://10.20.3.4:8322/a')).toBe('ok 10.20.3.4:8322');
    expect(await why('rtsp://[fd00:20::5]:554/a')).toBe('ok fd00:20::5:554');
    expect(await why('rtsp://10.21.0.1/')).toBe('outside_networks');
    expect(await why('rtsp://8.8.8.8/', [])).toBe('outside_networks');
  });

  it('is judged by every address that its name has', async () => {
    expect(await why('rtsp://cam.example/a', NETWORKS, ['10.20.1.1'])).toBe('ok 10.20.1.1:554');
    expect(await why('rtsp://cam.example/a', NETWORKS, ['10.20.1.1', '127.0.0.1'])).toBe('outside_networks');
    expect(await why('rtsp://cam.example/a', NETWORKS, [])).toBe('unresolved');
  });

  it('is read the same by everyone: no octal, hexadecimal, short or whole-number spellings', async () => {
    for (const host of ['0x7f000001', '2130706433', '127.1', '0177.0.0.1', '0x7f.0.0.1', '010.20.0.1', '10.20.1', '1.2.3.4.5', '10.20.0.256'])
      expect(await why(`rtsp://${host}/a`, ['0.0.0.0/0', '127.0.0.0/8']), host).toBe('host');
  });

  it('sees the IPv4 address inside an IPv6 one', async () => {
    expect(await why('rtsp://[::ffff:10.20.0.9]/a')).toBe('ok 10.20.0.9:554');
    expect(await why('rtsp://[::ffff:127.0.0.1]/a', ['::/0', '10.0.0.0/8'])).toBe('outside_networks');
    expect(await why('rtsp://[::ffff:7f00:1]/a', ['::/0'])).toBe('outside_networks');
  });

  it('is loopback or link-local only where that range is named itself', async () => {
    expect(await why('rtsp://127.0.0.1/a', ['0.0.0.0/0'])).toBe('outside_networks');
    expect(await why('rtsp://169.254.169.254/latest', ['0.0.0.0/0'])).toBe('outside_networks');
    expect(await why('rtsp://localhost/a', ['0.0.0.0/0'], ['127.0.0.1'])).toBe('outside_networks');
    expect(await why('rtsp://127.0.0.1:8554/a', ['127.0.0.0/8'])).toBe('ok 127.0.0.1:8554');
    expect(await why('rtsp://[::1]/a', ['::1/128'])).toBe('ok ::1:554');
    expect(await why('rtsp://0.0.0.0/a', ['0.0.0.0/0'])).toBe('outside_networks');
    expect(await why('rtsp://224.0.0.1/a', ['0.0.0.0/0'])).toBe('outside_networks');
  });

  it('has no other scheme, no credentials and no hidden characters', async () => {
    for (const url of ['http://10.20.0.1/', 'file:///etc/passwd', 'rtmp://10.20.0.1/', 'concat:rtsp://10.20.0.1']) expect(await why(url), url).toBe('scheme');
    for (const url of ['rtsp://admin:x@10.20.0.1/', 'rtsp://admin@10.20.0.1/', 'rtsp://@10.20.0.1/']) expect(await why(url), url).toBe('credentials');
    for (const url of ['rtsp://10.20.0.1/a b', 'rtsp://10.20.0.1/\r\nX: y', 'rtsp://10.20.0.1\\@8.8.8.8/', '', 'x', `rtsp://10.20.0.1/${'a'.repeat(600)}`]) expect(await why(url), url).toBe('malformed');
    expect(await why('rtsp://10%2e20.0.1/')).toMatch(/host|malformed/);
  });
});

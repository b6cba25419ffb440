/** Where the picture of a camera comes from, for one life: the door to a real camera, or a clip of ours. */
import { checkCameraAddress } from '#config/cameraAddress.ts';
import type { CameraTransport } from '#contract/vocabulary.ts';
import type { CameraReason } from '../ffmpeg/life.ts';
import type { RtspProxy, Passage } from './rtspProxy.ts';
import type { ProxyHappening } from './rtspSession.ts';
import { Secret } from './secret.ts';

export interface CameraAccess { url: string; username: string | null; password: string | null; transport: CameraTransport }

export type Opened = { ok: true; passage: Passage } | { ok: false; reason: CameraReason };

/** Resolves and checks the address anew: names may have moved since the last life. */
export async function openCamera(proxy: RtspProxy, access: CameraAccess, networks: readonly string[], tell: (happening: ProxyHappening) => void): Promise<Opened> {
  const checked = await checkCameraAddress(access.url, networks);
  if (!checked.ok) return { ok: false, reason: checked.why === 'unresolved' ? 'unreachable' : 'address_forbidden' };
  const { host, address, port, secure } = checked;
  const credentials = access.username === null && access.password === null ? null
    : { username: access.username ?? '', password: new Secret(access.password ?? '') };
  return { ok: true, passage: proxy.open({ url: access.url, host, address, port, secure, credentials, transport: access.transport }, tell) };
}

/** An address that somebody typed: refused unless it lies in the camera networks and carries no credentials. */
import { checkCameraAddress } from '#config/cameraAddress.ts';
import { Fault } from '#contract/faults.ts';

export async function checkAddress(url: string | null | undefined, cameraNetworks: readonly string[]): Promise<void> {
  if (url === null || url === undefined) return;
  if (/^[a-z]+:\/\/[^/]*@/i.test(url)) throw new Fault('camera_credentials_in_url');
  const verdict = await checkCameraAddress(url, cameraNetworks);
  if (!verdict.ok) throw new Fault('camera_address', verdict.why);
}

/** Host and port, as written. */
export function hostOf(url: string | null): string | null {
  return url === null ? null : /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1]?.toLowerCase() ?? url;
}

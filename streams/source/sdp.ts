/** The session description of a camera, rewritten so that every address in it is the proxy's own. */
export interface Description {
  sdp: string;
  /** Local track name → the URL that the camera wants in SETUP. */
  tracks: Map<string, string>;
  /** The URL that the camera wants in PLAY, PAUSE, GET_PARAMETER, TEARDOWN. */
  aggregate: string;
  /** Codec of the first video track, lower case (`h264`, `h265`); null when there is no video. */
  codec: string | null;
  /** Whether it offers sound, which is never asked for. */
  sound: boolean;
}

/** Cameras and players agree on appending, not on RFC 3986: a query in the base stays where it is. */
function resolveControl(base: string, control: string): string {
  if (control === '' || control === '*') return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  return base.endsWith('/') ? `${base}${control}` : `${base}/${control}`;
}

export function rewriteDescription(text: string, base: string): Description {
  const out: string[] = [];
  const tracks = new Map<string, string>();
  let aggregate = base;
  let media = '';
  let codec: string | null = null;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.startsWith('m=')) media = /^m=([a-z]+)/.exec(line)?.[1] ?? '';
    if (line.startsWith('a=control:')) {
      const control = line.slice('a=control:'.length).trim();
      if (/\s/.test(control)) continue;
      if (media === '') { aggregate = resolveControl(base, control); out.push('a=control:*'); continue; }
      const name = `track${tracks.size + 1}`;
      tracks.set(name, resolveControl(aggregate, control));
      out.push(`a=control:${name}`);
      continue;
    }
    if (media === 'video' && codec === null) codec = /^a=rtpmap:\d+ ([A-Za-z0-9-]+)\//.exec(line)?.[1]?.toLowerCase() ?? null;
    // Addresses named by the camera mean nothing over one TCP connection and must lead nowhere.
    if (line.startsWith('c=')) out.push('c=IN IP4 127.0.0.1');
    else if (line.startsWith('o=')) out.push('o=- 0 0 IN IP4 127.0.0.1');
    else if (!line.startsWith('u=') && !line.startsWith('e=') && !line.startsWith('p=')) out.push(line);
  }
  // A track without a control attribute is set up by the aggregate URL.
  if (tracks.size === 0) tracks.set('', aggregate);
  return { sdp: out.join('\r\n'), tracks, aggregate, codec, sound: /^m=audio /m.test(text) };
}

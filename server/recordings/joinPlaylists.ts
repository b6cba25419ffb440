/**
 * Playlists of several nodes as one. Each was asked for its own time, and holds whole fragments also at its ends: where the
 * node changes, a fragment that begins before the end of what is listed already is left out, so that no moment is shown twice.
 */
export interface NodePlaylist { node: string; text: string }

/** Frames are never so near: less than this between two fragments is rounding. */
const ROUNDING_MS = 20;
const SEGMENT = /^segments\/[\w.-]{1,80}(\?first=\d{1,5}&count=\d{1,5})?$/;

/** `unmasked`: each segment is asked for in this way too. `home`: segments of this node keep their plain addresses; of others the node stands behind. Null without a fragment. */
export function joinPlaylists(playlists: readonly NodePlaylist[], home: string, unmasked = false): string | null {
  const body: string[] = [];
  let shownUntil = -Infinity;
  let longest = 1;
  for (const { node, text } of playlists) {
    const address = (uri: string): string => {
      const more = [...(node === home ? [] : [`node=${encodeURIComponent(node)}`]), ...(unmasked ? ['unmasked=yes'] : [])].join('&');
      return more === '' ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${more}`;
    };
    const limit = shownUntil - ROUNDING_MS;
    /** What goes before the next fragment that is listed. */
    let map = '';
    let fresh = true;
    let at = 0;
    let seconds = 0;
    let range = '';
    for (const line of text.split('\n')) {
      if (line.startsWith('#EXT-X-MAP:')) { map = line.replace(/URI="(segments\/[\w.-]+)"/, (_, uri: string) => `URI="${address(uri)}"`); fresh = true; }
      else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) { at = Date.parse(line.slice(25)); fresh = true; }
      else if (line === '#EXT-X-DISCONTINUITY') fresh = true;
      else if (line.startsWith('#EXTINF:')) seconds = Number.parseFloat(line.slice(8));
      else if (line.startsWith('#EXT-X-BYTERANGE:')) range = line;
      else if (SEGMENT.test(line)) {
        const begins = at;
        at += seconds * 1000;
        if (begins < limit) { fresh = true; continue; }
        if (fresh) {
          if (body.length > 0) body.push('#EXT-X-DISCONTINUITY');
          body.push(...(map === '' ? [] : [map]), `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(begins)).toISOString()}`);
          fresh = false;
        }
        body.push(`#EXTINF:${seconds.toFixed(5)},`, ...(range === '' ? [] : [range]), address(line));
        longest = Math.max(longest, seconds);
        shownUntil = Math.max(shownUntil, at);
      }
    }
  }
  if (body.length === 0) return null;
  return ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${Math.ceil(longest)}`, '#EXT-X-PLAYLIST-TYPE:VOD', '#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-INDEPENDENT-SEGMENTS', ...body, '#EXT-X-ENDLIST', ''].join('\n');
}

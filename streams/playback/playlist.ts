/** HLS of what was recorded between two instants: fragments of the files as they lie on the disk, by byte range. */
import type { BoxIndex } from './boxIndex.ts';

export interface PlayableFile { file: string; fromMs: number; index: BoxIndex }

/** Null when nothing was recorded between the two. A fragment that only touches the range is in it: it begins at its key frame. */
export function writePlaylist(files: PlayableFile[], fromMs: number, toMs: number): string | null {
  const body: string[] = [];
  let longest = 1;
  let count = 0;
  for (const { file, fromMs: fileMs, index } of files) {
    const within = index.fragments.filter((one) => fileMs + one.startSeconds * 1000 < toMs && fileMs + (one.startSeconds + one.seconds) * 1000 > fromMs);
    const [first] = within;
    if (first === undefined) continue;
    const uri = `segments/${file}`;
    if (count > 0) body.push('#EXT-X-DISCONTINUITY');
    body.push(`#EXT-X-MAP:URI="${uri}",BYTERANGE="${index.headLength}@0"`);
    body.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(fileMs + first.startSeconds * 1000)).toISOString()}`);
    for (const [i, one] of within.entries()) {
      if (within[i - 1]?.leapt === true) body.push('#EXT-X-DISCONTINUITY', `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(fileMs + one.startSeconds * 1000)).toISOString()}`);
      longest = Math.max(longest, one.seconds);
      body.push(`#EXTINF:${one.seconds.toFixed(5)},`, `#EXT-X-BYTERANGE:${one.length}@${one.offset}`, uri);
      count += 1;
    }
  }
  if (count === 0) return null;
  return ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${Math.ceil(longest)}`, '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-INDEPENDENT-SEGMENTS', ...body, '#EXT-X-ENDLIST', ''].join('\n');
}

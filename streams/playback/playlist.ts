/** HLS of what was recorded between two instants: fragments of the files as they lie on the disk, by byte range. */
import type { BoxIndex } from './boxIndex.ts';

export interface PlayableFile { file: string; fromMs: number; index: BoxIndex }

/** A piece of a masked recording is encoded when it is asked for: long enough to be worth it, short enough to come soon. */
const PIECE_SECONDS = 4;
export interface Piece { first: number; count: number; startSeconds: number; seconds: number }
/** From the begin of the file on, so that each window asks for the same pieces. */
export function piecesOf({ fragments }: BoxIndex): Piece[] {
  const pieces: Piece[] = [];
  for (const [at, one] of fragments.entries()) {
    const last = pieces.at(-1);
    if (last === undefined || last.seconds >= PIECE_SECONDS) pieces.push({ first: at, count: 1, startSeconds: one.startSeconds, seconds: one.seconds });
    else { last.count += 1; last.seconds += one.seconds; }
  }
  return pieces;
}

/** The same, in pieces that are encoded with the camera's masks (MPEG-TS: no head of the file in them). */
export function writeMaskedPlaylist(files: PlayableFile[], fromMs: number, toMs: number): string | null {
  const listed = files.map(({ file, fromMs: fileMs, index }) => ({ file, fileMs, pieces: piecesOf(index).filter((one) => fileMs + one.startSeconds * 1000 < toMs && fileMs + (one.startSeconds + one.seconds) * 1000 > fromMs) })).filter(({ pieces }) => pieces.length > 0);
  if (listed.length === 0) return null;
  const body = listed.flatMap(({ file, fileMs, pieces }, at) => [
    ...(at > 0 ? ['#EXT-X-DISCONTINUITY'] : []), `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(fileMs + (pieces[0]?.startSeconds ?? 0) * 1000)).toISOString()}`,
    ...pieces.flatMap((one) => [`#EXTINF:${one.seconds.toFixed(5)},`, `segments/${file}?first=${one.first}&count=${one.count}`]),
  ]);
  return ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${Math.ceil(Math.max(1, ...listed.flatMap(({ pieces }) => pieces.map((one) => one.seconds))))}`, '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-INDEPENDENT-SEGMENTS', ...body, '#EXT-X-ENDLIST', ''].join('\n');
}

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

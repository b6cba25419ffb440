/**
 * The hash chain of a camera's segments: each journal entry carries the chain value of the one before, so that a segment
 * that was swapped, left out or put in is seen without the file. What is hashed (SHA-256, hex): these texts, one a line.
 */
export interface ChainedSegment { camera: string; file: string; from: string; to: string; sha256: string }

/** `previous`: the chain value of the camera's segment before, '' for its first. */
export const chainText = (previous: string, { camera, file, from, to, sha256 }: ChainedSegment): string => [previous, camera, file, from, to, sha256].join('\n');

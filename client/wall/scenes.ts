/** Scenes of the wall that are planned, by the last part of their address. The first one is built. */
export const SCENES = ['hang-cho', 'qua-han', 'hai-long', 'camera', 'don-vi'] as const;

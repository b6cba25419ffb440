export type SceneName = 'counter' | 'waiting' | 'entrance';
export const SCENE_VERSION = 0;
export interface Scene { frames: number; draw(frame: number): Uint8Array }
export function openScene(name: SceneName, variant: number, size: { width: number; height: number; rate: number }): Scene {
  const out = new Uint8Array(size.width * size.height * 3);
  return { frames: 80, draw(frame) { out.fill(100 + frame); return out; } };
}

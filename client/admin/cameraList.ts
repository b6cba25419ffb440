/** Which cameras the list of administration shows, and in what order. */
import type { CameraRow } from '#contract/camera.ts';
import { contains } from '../design/plain.ts';

export const CAMERA_GROUPS = ['all', 'up', 'away', 'doubtful', 'unrecorded', 'off'] as const;
export type CameraGroup = (typeof CAMERA_GROUPS)[number];
export const CAMERA_ORDERS = ['unit', 'name', 'state'] as const;
export type CameraOrder = (typeof CAMERA_ORDERS)[number];
export interface CameraWish { search: string; group: CameraGroup; unit: string; order: CameraOrder; down: boolean }

type Camera = Pick<CameraRow, 'id' | 'name' | 'unit' | 'unitName' | 'state' | 'enabled' | 'recording' | 'recordingPolicy' | 'warnings'>;
const SHOWS_NOTHING = new Set(['black', 'frozen', 'covered']);

export function isIn(group: CameraGroup, camera: Camera): boolean {
  const off = !camera.enabled || camera.state === 'disabled';
  if (group === 'all') return true;
  if (group === 'off') return off;
  if (off) return false;
  const doubtful = SHOWS_NOTHING.has(camera.state) || camera.warnings.length > 0;
  if (group === 'doubtful') return doubtful;
  if (group === 'unrecorded') return !camera.recording;
  return group === 'up' ? camera.state === 'online' : camera.state !== 'online' && !SHOWS_NOTHING.has(camera.state);
}

/** What needs somebody first. */
const rank = (camera: Camera): number => (isIn('away', camera) ? 0 : SHOWS_NOTHING.has(camera.state) ? 1 : isIn('doubtful', camera) ? 2 : isIn('off', camera) ? 4 : 3);

export function listed<T extends Camera>(cameras: readonly T[], { search, group, unit, order, down }: CameraWish): T[] {
  const word = (a: string, b: string): number => a.localeCompare(b, 'vi', { numeric: true });
  const compare = (a: T, b: T): number => (order === 'state' ? rank(a) - rank(b) : order === 'name' ? word(a.name, b.name) : word(a.unitName, b.unitName)) || word(a.unitName, b.unitName) || word(a.name, b.name) || word(a.id, b.id);
  return cameras.filter((camera) => isIn(group, camera) && (unit === '' || camera.unit === unit) && contains(`${camera.unitName} ${camera.name} ${camera.id}`, search)).toSorted((a, b) => (down ? -compare(a, b) : compare(a, b)));
}

export const markOf = (camera: Pick<CameraRow, 'state'>): 'in_order' | 'no_data' | 'due_soon' | 'overdue' => (camera.state === 'online' ? 'in_order' : camera.state === 'disabled' ? 'no_data' : camera.state === 'connecting' ? 'due_soon' : 'overdue');

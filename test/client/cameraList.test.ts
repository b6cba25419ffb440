import { describe, expect, it } from 'vitest';
import { CAMERA_GROUPS, isIn, listed } from '../../client/admin/cameraList.ts';

type Camera = Parameters<typeof isIn>[1];
const camera = (id: string, change: Partial<Camera> = {}): Camera => ({ id, name: `Quầy ${id}`, unit: 'a', unitName: 'Phường Trấn Biên', state: 'online', enabled: true, recording: true, recordingPolicy: 'continuous', warnings: [], ...change });
const all = [camera('10'), camera('2', { state: 'offline', recording: false }), camera('3', { state: 'black', unit: 'b', unitName: 'Xã An Phước' }), camera('4', { warnings: ['moved'] }), camera('5', { state: 'disabled', enabled: false, recording: false }), camera('6', { recording: false })];
const wish = { search: '', group: 'all' as const, unit: '', order: 'name' as const, down: false };
const ids = (list: Camera[]) => list.map((one) => one.id).join(' ');

describe('the list of cameras', () => {
  it('has each camera in the groups that are true of it', () => {
    expect(Object.fromEntries(CAMERA_GROUPS.map((group) => [group, ids(all.filter((one) => isIn(group, one)))]))).toEqual({ all: '10 2 3 4 5 6', up: '10 4 6', away: '2', doubtful: '3 4', unrecorded: '2 6', off: '5' });
  });
  it('is sorted as people count, by what needs somebody, both ways; searched without accents', () => {
    expect(ids(listed(all, wish))).toBe('2 3 4 5 6 10');
    expect(ids(listed(all, { ...wish, down: true }))).toBe('10 6 5 4 3 2');
    expect(ids(listed(all, { ...wish, order: 'state' }))).toBe('2 3 4 6 10 5');
    expect(ids(listed(all, { ...wish, order: 'unit' }))).toBe('2 4 5 6 10 3');
    expect(ids(listed(all, { ...wish, search: 'an phuoc' }))).toBe('3');
    expect(ids(listed(all, { ...wish, unit: 'a', group: 'up' }))).toBe('4 6 10');
  });
});

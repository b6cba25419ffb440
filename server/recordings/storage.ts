/** How long recordings last: what nodes report of their disks, with what was promised. Estimates, from the last seven days. */
import { z } from 'zod';
import { DAY } from '#analytics/time/localDay.ts';
import { forecastStorage, type StorageForecast } from '#analytics/recording/storage.ts';
import { storageReport, type StorageReport } from '#contract/recording.ts';
import { readCameras, type CameraFirst } from '../cameras/cameraRows.ts';
import type { Nodes, NodeState } from '../cameras/nodes.ts';
import type { RecordingRules } from '../cameras/recordingRules.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';

export interface StorageParts { database: Database; units: Units; nodes: Nodes; rules: RecordingRules; retentionDays: number; now: () => Date }

export function storageRoutes({ database, units, nodes, rules, retentionDays, now }: StorageParts): Route[] {
  const forecastOf = (node: NodeState, byId: ReadonlyMap<string, CameraFirst>): StorageForecast | null => {
    const { storage, disk } = node.report;
    if (storage === null || disk === null || storage.floorBytes === null) return null;
    return forecastStorage(storage.cameras.map((one) => {
      const camera = byId.get(one.camera);
      const keep = camera ? rules.keepOf(camera.position) : { days: retentionDays, bytes: null };
      // A camera that does not record any more writes nothing more.
      return { ...one, perDay: camera?.enabled && camera.recording !== 'off' ? one.perDay : null, days: keep.days, limitBytes: keep.bytes };
    }), disk.freeBytes - storage.floorBytes);
  };
  return [route({
    method: 'get', path: '/recordings/storage', tag: 'Recordings', summary: 'How long recordings last: what is promised, and an estimate of what will be kept', access: ['inspector', 'admin'], scope: { kind: 'filter' }, query: z.object({}), answer: storageReport,
    async handle({ session }): Promise<StorageReport> {
      const all = new Map((await readCameras(database, units.history.codes)).map((one) => [one.id, one]));
      const forecasts = new Map(nodes.all().map((node) => [node.id, forecastOf(node, all)]));
      const cameras = [...all.values()].filter((one) => session.scope.has(one.unit));
      const served = new Set(cameras.map((one) => one.node));
      return {
        asOf: now().toISOString(),
        disks: nodes.all().filter((node) => served.has(node.id)).map((node) => {
          const inDays = forecasts.get(node.id)?.shortInDays ?? null;
          return { node: node.id, state: node.report.storage?.state ?? null, freeBytes: node.report.disk?.freeBytes ?? null, totalBytes: node.report.disk?.totalBytes ?? null, fullAt: inDays === null ? null : new Date(now().getTime() + inDays * DAY).toISOString() };
        }),
        cameras: cameras.map((camera) => {
          // What it recorded lies where it was recorded; how much a day is told by the node that has it now.
          const all = nodes.all().flatMap((node) => (node.report.storage?.cameras ?? []).filter((one) => one.camera === camera.id).map((one) => ({ ...one, node: node.id })));
          const stored = all.length === 0 ? undefined : { bytes: all.reduce((sum, one) => sum + one.bytes, 0), heldBytes: all.reduce((sum, one) => sum + one.heldBytes, 0), perDay: all.find((one) => one.node === camera.node)?.perDay ?? null, from: all.map((one) => one.from).sort()[0] };
          const keep = rules.keepOf(camera.position);
          const lasting = forecasts.get(camera.node)?.cameras.get(camera.id);
          return {
            camera: camera.id, unit: camera.unit, policy: camera.recording, promisedDays: keep.days, limitBytes: keep.bytes,
            bytes: stored?.bytes ?? null, heldBytes: stored?.heldBytes ?? null, perDay: stored?.perDay ?? null, oldest: stored?.from ?? null,
            keptDays: lasting?.keptDays ?? null, limitedBy: lasting?.limitedBy ?? null,
          };
        }),
      };
    },
  })];
}

/** All cameras of this node, brought in line with the orders: only what changed is touched. */
import type { CameraAssignment, NodeCamera } from '#contract/node.ts';
import { cameraId } from '#contract/camera.ts';
import { Camera, type CameraParts } from './camera.ts';

export interface Cameras {
  apply(assignments: CameraAssignment[]): void;
  find(id: string): Camera | null;
  /** Starts and ends what is only needed while somebody watches. */
  demand(wanted: ReadonlySet<string>): void;
  /** Begins and ends recording where working hours do. */
  keepHours(): void;
  renewAll(): void;
  /** How many are transcoded now. */
  transcoding(): number;
  report(viewers: (camera: string) => number): NodeCamera[];
  stop(): Promise<void>;
}

/** Between the starts of two cameras, so that a hundred do not start in the same instant. */
const STAGGER_MS = 120;

export function openCameras(parts: CameraParts, onGone: (camera: string) => void, /** Who watches must ask anew: what they may see has changed. */ onMasked: (camera: string) => void): Cameras {
  const cameras = new Map<string, Camera>();
  const leaving = new Map<string, Promise<void>>();
  let state: 'open' | 'stopped' = 'open';
  let starts: Promise<void> = Promise.resolve();

  function begin(assignment: CameraAssignment): void {
    const camera = new Camera(assignment, parts);
    cameras.set(camera.id, camera);
    // One camera, one recorder: the next begins when the one before has closed its files.
    const turn = Promise.all([leaving.get(camera.id), starts]);
    starts = starts.then(() => new Promise((resolve) => { setTimeout(resolve, assignment.enabled ? STAGGER_MS : 0); }));
    void turn.then(() => { if (state === 'open' && cameras.get(camera.id) === camera) camera.start(); });
  }
  function end(camera: Camera): void {
    cameras.delete(camera.id);
    onGone(camera.id);
    const gone = Promise.all([leaving.get(camera.id), camera.stop()]).then(() => { if (leaving.get(camera.id) === gone) leaving.delete(camera.id); });
    leaving.set(camera.id, gone);
  }

  return {
    apply(assignments) {
      if (state !== 'open') return;
      // An id names a folder and a stream: what is no id is not ours, whoever says it.
      const wanted = new Map(assignments.filter((one) => cameraId.safeParse(one.id).success).map((one) => [one.id, one]));
      for (const camera of [...cameras.values()]) {
        const assignment = wanted.get(camera.id);
        const { maskVersion } = camera;
        if (assignment !== undefined && camera.adopt(assignment)) { if (camera.maskVersion !== maskVersion) onMasked(camera.id); continue; }
        end(camera);
        // The journal must say why nothing is recorded any more.
        if (assignment === undefined) void parts.recorder.note(camera.id, 'disabled', 'disabled');
      }
      for (const [id, assignment] of wanted) if (!cameras.has(id)) begin(assignment);
    },
    find: (id) => cameras.get(id) ?? null,
    demand(wanted) { for (const camera of cameras.values()) camera.demand(wanted); },
    keepHours() { for (const camera of cameras.values()) camera.keepHours(); },
    transcoding: () => [...cameras.values()].reduce((sum, camera) => sum + camera.transcodings, 0),
    renewAll() { for (const camera of cameras.values()) camera.renew(); },
    report: (viewers) => [...cameras.values()].map((camera) => camera.report(viewers(camera.id))),
    async stop() {
      state = 'stopped';
      await Promise.all([...cameras.values()].map((camera) => camera.stop()).concat([...leaving.values()]));
    },
  };
}

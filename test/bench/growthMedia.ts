/** `npm run bench -- GROWTH-MEDIA`: what a media node costs as it gets cameras and viewers; absolute, so asked for by name. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openClosers, type Closers } from './closers.ts';
import { measureRecording } from './recordingAgainstCopy.ts';
import { delivered, relayCpu, relayMB, relayStage } from './relayAgainstNginx.ts';

const SECONDS = 15;
export interface Grown { what: string; count: number; figures: Record<string, number> }

async function alone<T>(work: (closers: Closers) => Promise<T>): Promise<T> {
  const closers = openClosers();
  const stop = (): void => { void closers.closeAll().finally(() => process.exit(1)); };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try { return await work(closers); } finally { await closers.closeAll(); process.off('SIGINT', stop).off('SIGTERM', stop); }
}

/** Cameras that a whole node records and nobody watches; then streams and viewers of the live part alone. */
export async function growthMedia(cameraSteps: readonly number[], viewerSteps: readonly number[], say: (text: string) => void): Promise<Grown[]> {
  const grown: Grown[] = [];
  const add = (what: string, count: number, figures: Record<string, number>): void => { grown.push({ what, count, figures }); say(`${what} ${count}: ${JSON.stringify(figures)}`); };
  for (const cameras of cameraSteps) {
    const [cost] = await alone((closers) => measureRecording(closers, cameras, 1, SECONDS, false));
    if (cost === undefined) continue;
    const per = (cpu: number): number => cpu / cameras / SECONDS * 100;
    add('cameras', cameras, { percentNode: per(cost.ours.node), percentFfmpeg: per(cost.ours.ffmpeg), percentRelay: per(cost.ours.relay), ffmpegMB: cost.ffmpegMB, nodeMB: cost.nodeMB, relayMB: cost.relayMB, wholeMBPerCamera: cost.ffmpegMB + (cost.nodeMB + cost.relayMB) / cameras });
  }
  await alone(async (closers) => {
    const stage = await relayStage(closers);
    await stage.publish(25, null);
    for (const viewers of viewerSteps) {
      await stage.watch(viewers);
      await sleep(6000);
      const before = { cpu: relayCpu(stage), bytes: await delivered(stage.readers, 'ours') };
      await sleep(SECONDS * 1000);
      const [cpu, bytes] = [relayCpu(stage) - before.cpu, await delivered(stage.readers, 'ours') - before.bytes];
      add('viewers', viewers, { percentOfACore: cpu / SECONDS * 100, secondsPerGB: cpu / bytes * 1e9, megabitsASecond: bytes * 8 / SECONDS / 1e6, memoryMB: relayMB(stage) });
    }
  });
  return grown;
}

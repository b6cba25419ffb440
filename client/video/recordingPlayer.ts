/** A window of a recording through hls.js; the playlist carries the true time of each file. */
export interface RecordingPlayer { /** The instant on screen, null until the first picture. */ time(): number | null; stop(): void }

export function playRecording(video: HTMLVideoElement, camera: string, from: number, to: number, at: number): RecordingPlayer {
  let stopped = false;
  let takeDown: (() => void) | null = null;
  let playingTime: () => number | null = () => null;
  const url = `/api/v1/cameras/${encodeURIComponent(camera)}/playlist.m3u8?from=${encodeURIComponent(new Date(from).toISOString())}&to=${encodeURIComponent(new Date(to).toISOString())}`;
  void import('hls.js/light').then(({ default: Hls }) => {
    if (stopped) return;
    const hls: InstanceType<typeof Hls> = new Hls({ enableWorker: false, maxBufferLength: 30 });
    takeDown = () => { hls.destroy(); };
    playingTime = () => hls.playingDate?.getTime() ?? null;
    hls.once(Hls.Events.LEVEL_LOADED, (_event, data) => {
      const start = data.details.fragments.find((fragment) => fragment.programDateTime !== null && fragment.programDateTime + fragment.duration * 1000 > at);
      if (start?.programDateTime) video.currentTime = start.start + Math.max(0, (at - start.programDateTime) / 1000);
      video.play().catch(() => undefined);
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  });
  return { time: () => playingTime(), stop() { stopped = true; takeDown?.(); } };
}

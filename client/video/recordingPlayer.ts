/** A window of a recording through hls.js; the playlist carries the true time of each file. */
export interface RecordingPlayer {
  /** The instant on screen, null until the first picture. */
  time(): number | null;
  /** Goes to an instant within the window; false when it lies outside of what was loaded. */
  seek(at: number): boolean;
  stop(): void;
}
export interface Window { from: number; to: number; at: number; play: boolean }
export interface Told { ready(): void; ended(): void; failed(): void }

export function playRecording(video: HTMLVideoElement, camera: string, window: Window, unmasked: boolean, told: Told): RecordingPlayer {
  let stopped = false;
  let takeDown = (): void => undefined;
  let time = (): number | null => null;
  let seek: RecordingPlayer['seek'] = () => false;
  const iso = (at: number) => encodeURIComponent(new Date(at).toISOString());
  void import('hls.js/light').then(({ default: Hls }) => {
    if (stopped) return;
    const hls: InstanceType<typeof Hls> = new Hls({ enableWorker: false, maxBufferLength: 30, backBufferLength: 60 });
    let spans: { at: number; start: number; end: number }[] = [];
    const ended = () => { told.ended(); };
    video.addEventListener('ended', ended);
    takeDown = () => { video.removeEventListener('ended', ended); hls.destroy(); };
    // Asked of the picture's own place in the window, so that a pause or a step is exact.
    time = () => { const span = spans.findLast((one) => one.start <= video.currentTime + 0.001); return span && video.readyState >= 2 ? span.at + (video.currentTime - span.start) * 1000 : null; };
    seek = (at) => {
      const span = spans.find((one) => at < one.at + (one.end - one.start) * 1000);
      if (!span || at < (spans[0]?.at ?? 0)) return false;
      video.currentTime = span.start + Math.max(0, (at - span.at) / 1000);
      return true;
    };
    hls.once(Hls.Events.LEVEL_LOADED, (_event, data) => {
      spans = data.details.fragments.flatMap((fragment) => (fragment.programDateTime === null ? [] : [{ at: fragment.programDateTime, start: fragment.start, end: fragment.start + fragment.duration }]));
      seek(window.at);
      told.ready();
      if (window.play) video.play().catch(() => undefined);
    });
    hls.on(Hls.Events.ERROR, (_event, data) => { if (data.fatal) told.failed(); });
    hls.loadSource(`/api/v1/cameras/${encodeURIComponent(camera)}/playlist.m3u8?from=${iso(window.from)}&to=${iso(window.to)}${unmasked ? '&unmasked=yes' : ''}`);
    hls.attachMedia(video);
  });
  return { time: () => time(), seek: (at) => seek(at), stop() { stopped = true; takeDown(); } };
}

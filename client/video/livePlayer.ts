/**
 * One live picture: asks for a ticket, plays it, and judges it by decoded frames, not by the socket. When the picture
 * stands still the player is taken down and made anew, later each time; events of a player that is gone are not heard.
 */
import { ask, type Problem } from '../api/request.ts';
import { socketLoader } from './socketLoader.ts';

export type LiveState = 'connecting' | 'live' | 'stalled';
export interface LivePlayer {
  /** Seconds that what came is waiting to be shown; null while nothing plays. What the camera and the way here take is not in it. */
  delay(): number | null;
  stop(): void;
}

const STALL = 5_000;

export function playLive(video: HTMLVideoElement, camera: string, quality: 'main' | 'sub', unmasked: boolean, tell: (state: LiveState, lastFrameAt: number | null, problem: Problem | null) => void): LivePlayer {
  let stopped = false;
  let generation = 0;
  let failures = 0;
  let takeDown: (() => void) | null = null;
  let lastFrameAt: number | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  /** A page that nobody looks at asks for nothing: the line of the desk is for those who do. */
  function whenSeen(work: () => void): void {
    if (!document.hidden) { work(); return; }
    document.addEventListener('visibilitychange', () => { if (!stopped) whenSeen(work); }, { once: true });
  }
  async function begin(): Promise<void> {
    const mine = (generation += 1);
    tell('connecting', lastFrameAt, null);
    const [{ default: mpegts }, ticket] = await Promise.all([import('mpegts.js'), ask<{ url: string }>('POST', `/cameras/${camera}/live-ticket`, { quality, transport: 'ws', ...(unmasked ? { unmasked } : {}) })]);
    if (stopped || mine !== generation) return;
    if (ticket.kind !== 'ok') { again(ticket.kind === 'problem' ? ticket.problem : null); return; }
    // What goes wrong is shown on the tile, not told to a console that nobody reads.
    mpegts.LoggingControl.enableAll = false;
    const player = mpegts.createPlayer(
      { type: 'flv', isLive: true, hasAudio: false, url: new URL(ticket.body.url, location.href).href.replace(/^http/, 'ws') },
      { customLoader: socketLoader(mpegts), enableStashBuffer: false, liveSync: true, liveSyncMaxLatency: 1.5, liveSyncTargetLatency: 0.6, liveSyncPlaybackRate: 1.2, autoCleanupSourceBuffer: true, autoCleanupMaxBackwardDuration: 20, autoCleanupMinBackwardDuration: 10 });
    const startedAt = performance.now();
    let frames = 0;
    let seenAt = startedAt;
    const watch = setInterval(() => {
      const decoded = video.getVideoPlaybackQuality().totalVideoFrames;
      if (decoded !== frames) { frames = decoded; seenAt = performance.now(); lastFrameAt = Date.now(); failures = 0; tell('live', lastFrameAt, null); }
      else if (performance.now() - seenAt > STALL) again(null);
    }, 500);
    takeDown = () => { clearInterval(watch); player.destroy(); };
    player.on(mpegts.Events.ERROR, () => { if (mine === generation) again(null); });
    player.attachMediaElement(video);
    player.load();
    Promise.resolve(player.play()).catch(() => undefined);
  }
  /** What the library throws while it begins is one more picture that does not come. */
  const start = (): void => { begin().catch(() => { again(null); }); };
  function again(problem: Problem | null): void {
    generation += 1;
    takeDown?.();
    takeDown = null;
    if (stopped) return;
    tell('stalled', lastFrameAt, problem);
    failures += 1;
    timer = setTimeout(() => { whenSeen(start); }, Math.min(10_000, 700 * 1.7 ** failures) * (0.7 + Math.random() * 0.6));
  }
  start();
  const delay = () => { const { buffered } = video; return buffered.length === 0 || video.readyState < 2 ? null : Math.max(0, buffered.end(buffered.length - 1) - video.currentTime); };
  return { delay, stop() { stopped = true; generation += 1; if (timer) clearTimeout(timer); takeDown?.(); } };
}

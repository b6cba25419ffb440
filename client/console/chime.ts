/** Soft tones for new alerts: two for a critical one, one for a warning, none for a notice. They sound once and never loop. */
import { ref } from 'vue';
import type { Severity } from '#contract/vocabulary.ts';

export const sound = ref(localStorage.getItem('sound') !== 'off');
/** A browser lets a page sound only after somebody touched it; until then the console asks for that once. */
export const untouched = ref(false);
export function switchSound(): void {
  sound.value = !sound.value;
  localStorage.setItem('sound', sound.value ? 'on' : 'off');
  if (sound.value) chime('critical', 0);
}

const TONES: Record<Severity, readonly number[]> = { critical: [660, 880], warning: [523], notice: [] };
/** Many alerts at once are one sound. */
const APART = 3_000;
let audio: AudioContext | null = null;
let last = -Infinity;
export function chime(severity: Severity, apart = APART): void {
  if (!sound.value || TONES[severity].length === 0) return;
  if (!navigator.userActivation.hasBeenActive) { untouched.value = true; return; }
  if (performance.now() - last < apart) return;
  last = performance.now();
  audio ??= new AudioContext();
  if (audio.state === 'suspended') void audio.resume();
  for (const [i, frequency] of TONES[severity].entries()) {
    const at = audio.currentTime + i * 0.18;
    const tone = new OscillatorNode(audio, { frequency, type: 'sine' });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.32);
  }
}
/** Watches for the first touch of a page that has not been touched; returns what ends the watch. */
export function waitForTouch(): () => void {
  if (navigator.userActivation.hasBeenActive) return () => undefined;
  untouched.value = true;
  const touched = () => { untouched.value = false; stop(); };
  const stop = () => { for (const kind of ['pointerdown', 'keydown'] as const) document.removeEventListener(kind, touched); };
  for (const kind of ['pointerdown', 'keydown'] as const) document.addEventListener(kind, touched);
  return stop;
}

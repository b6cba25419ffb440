/** Two soft tones for a new critical alert. A browser lets a page sound only after somebody touched it. */
import { ref } from 'vue';

export const sound = ref(localStorage.getItem('sound') !== 'off');
export function switchSound(): void {
  sound.value = !sound.value;
  localStorage.setItem('sound', sound.value ? 'on' : 'off');
  if (sound.value) chime();
}

let audio: AudioContext | null = null;
export function chime(): void {
  if (!sound.value || !navigator.userActivation.hasBeenActive) return;
  audio ??= new AudioContext();
  for (const [i, frequency] of [660, 880].entries()) {
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

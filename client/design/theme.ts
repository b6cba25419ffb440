/** Dark for walls and control rooms, light for offices and print. A wall is dark whatever the office chose. */
import { ref, watchEffect } from 'vue';

export type Theme = 'dark' | 'light';
const chosen = ref<Theme>(localStorage.getItem('theme') === 'light' ? 'light' : 'dark');
const forced = ref<Theme | null>(null);
watchEffect(() => { document.documentElement.dataset.theme = forced.value ?? chosen.value; });

export const theme = chosen;
export function switchTheme(): void {
  chosen.value = chosen.value === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', chosen.value);
}
export function forceTheme(wanted: Theme | null): void { forced.value = wanted; }

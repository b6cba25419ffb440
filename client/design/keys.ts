/** Keys of a page, wherever the focus is; silent while somebody types, in a sheet, and with Ctrl, Alt or Meta. */
import { onMounted, onUnmounted } from 'vue';

export type Orders = Readonly<Record<string, () => void>>;
/** Keys as the browser names them, letters small: `{ j: next, '/': search, ArrowLeft: back }`. Esc leaves a field. */
export function useKeys(orders: Orders): void {
  function heard(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target?.closest('input, textarea, select')) { if (event.key === 'Escape') target.blur(); return; }
    // The space bar presses the button that has the focus; arrows belong to a slider or a map that has it.
    if ((event.key === ' ' && target?.closest('button, a')) || (event.key.startsWith('Arrow') && target?.closest('[role=slider], [role=application]'))) return;
    const order = orders[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!order) return;
    event.preventDefault();
    order();
  }
  onMounted(() => { document.addEventListener('keydown', heard); });
  onUnmounted(() => { document.removeEventListener('keydown', heard); });
}

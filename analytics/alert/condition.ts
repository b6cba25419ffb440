/** When an alert is due, with hysteresis: a value that swings round its limit opens one alert, not a thousand. */
export interface Limits { open: number; clear: number }

/** Open above `open`, close at or below `clear` (`clear` ≤ `open`); in between nothing changes. */
export function crosses(value: number | null, limits: Limits, isOpen: boolean): boolean {
  if (value === null) return false;
  return isOpen ? value > limits.clear : value > limits.open;
}

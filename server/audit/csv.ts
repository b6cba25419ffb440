/** A line of CSV that a spreadsheet never takes for formulas (CWE-1236). */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map((value) => {
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const safe = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }).join(',')}\r\n`;
}

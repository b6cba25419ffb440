/** COPY's text form, in pieces of about 64 kB. */
export function* copyText(rows: readonly (readonly string[])[]): Generator<Buffer> {
  let piece = '';
  for (const fields of rows) {
    for (let i = 0; i < fields.length; i += 1) piece += `${i === 0 ? '' : '\t'}${copyField(fields[i] ?? '')}`;
    piece += '\n';
    if (piece.length >= 65_536) { yield Buffer.from(piece); piece = ''; }
  }
  if (piece !== '') yield Buffer.from(piece);
}
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const copyField = (text: string): string => (/[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found] ?? found) : text);

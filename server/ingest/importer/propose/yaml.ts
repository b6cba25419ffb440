/** The mapping as a file for people: every part says where it comes from. What is said in it never breaks out of its comment. */
import { stringify } from 'yaml';
import type { ImportPreview } from '#contract/imports.ts';
import type { Mapping } from '../mapping.ts';
import { oneLine } from './text.ts';

const comment = (text: string) => `# ${oneLine(text, 400)}\n`;
const part = (value: unknown) => stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN', defaultKeyType: 'PLAIN' });

export function yamlOf(mapping: Mapping, preview: Omit<ImportPreview, 'yaml' | 'rows' | 'totals'>, fileName: string): string {
  const { columns, fields, values, file } = preview;
  let text = comment(`Ánh xạ đề xuất cho «${fileName}»: xem lại từng dòng rồi nhập với --mapping. Giải thích từng khoá: docs/import/README.md`);
  for (const field of fields) {
    if (field.column !== null) text += comment(`${field.name}: ${columns[field.column]?.title ?? ''} — ${surenessOf(field.confidence)}: ${field.reason?.vi ?? ''}`);
    else if (field.fixed !== null) text += comment(`${field.name}: giá trị cố định «${field.fixed}»`);
  }
  for (const name of preview.missing) text += comment(`THIẾU ${NEEDED[name] ?? name}: không tìm thấy cột nào; thêm vào fields dưới đây (cột trong ngoặc nhọn, hoặc một giá trị cố định)`);
  for (const note of preview.notes) text += comment(`LƯU Ý: ${note.vi}`);
  const list = (use: string) => columns.filter((column) => column.use === use).map((column) => oneLine(column.title) || `cột ${column.index + 1}`).join(', ');
  if (list('personal') !== '') text += comment(`Dữ liệu của công dân, không nhập: ${list('personal')}`);
  if (list('free') !== '') text += comment(`Cột không dùng: ${list('free')}`);
  text += file.format === 'csv' ? part({ encoding: mapping.encoding }) : part({ sheet: mapping.sheet });
  text += part({ headerRow: mapping.headerRow, zone: mapping.zone, dateOrder: mapping.dateOrder, ...(mapping.serialDates ? { serialDates: true } : {}), dueTime: mapping.dueTime });
  if (Object.keys(mapping.values).length > 0) {
    text += 'values:\n';
    for (const [column, words] of Object.entries(mapping.values)) {
      text += `  ${part({ [column]: null }).replace(/: null\n$/, ':\n')}`;
      for (const [from, to] of Object.entries(words)) {
        const value = values.find((one) => one.column === column && one.text === from);
        text += `    ${part({ [from]: to }).trimEnd()}${value?.assumed ? ' # đoán, xem lại' : ''}\n`;
      }
    }
  }
  for (const value of values.filter((one) => one.word === null).slice(0, 60)) text += comment(`CHƯA RÕ ở cột ${oneLine(value.column)}: «${oneLine(value.text)}» (${value.rows} dòng)${value.candidates.length > 0 ? `; có thể là ${value.candidates.join(', ')}` : ''}`);
  return text + part({ events: mapping.events.map((event) => ({ ...(event.when === undefined ? {} : { when: event.when }), fields: event.fields })) });
}
/** How sure, in a word. */
export const surenessOf = (confidence: number | null) => (confidence === null || confidence < 0.6 ? 'đoán' : confidence < 0.85 ? 'khá chắc' : 'chắc');
export const NEEDED: Readonly<Record<string, string>> = { dossier: 'mã hồ sơ', moment: 'cột ngày giờ', unit: 'đơn vị', procedure: 'thủ tục', ticket: 'số phiếu', rating: 'mức đánh giá', at: 'thời điểm', source: 'nguồn', case: 'mã phản ánh' };

/** What `npm run import` says: Vietnamese first, an English line after. A problem names its cause and the next step. */
export interface Said { vi: string; en: string }
const said = (vi: string, en: string): Said => ({ vi, en });

/** Ends the command with code 1 and no stack. */
export class ImportProblem extends Error {
  readonly said: Said;
  constructor(text: Said) { super(`${text.vi}\n${text.en}`); this.said = text; }
}

export const PROBLEMS = {
  usage: () => said(
    'npm run import -- <dossiers|surveys|queue|feedback> <tệp.csv|.xlsx> --mapping <ánh-xạ.yaml> --key <khoá, hoặc INGEST_KEY> [--dry-run] [--restart] [--url http://127.0.0.1:8080]\nnpm run import -- <dossiers|surveys|queue|feedback> <tệp.csv|.xlsx> --propose [--out ánh-xạ.yaml] [--set unit=26068 …]   đề xuất tệp ánh xạ\nCách viết tệp ánh xạ: docs/import/README.md',
    'npm run import -- <dossiers|surveys|queue|feedback> <file.csv|.xlsx> --mapping <mapping.yaml> --key <ingest key, or INGEST_KEY> [--dry-run] [--restart] [--url http://127.0.0.1:8080]\nnpm run import -- <dossiers|surveys|queue|feedback> <file.csv|.xlsx> --propose [--out mapping.yaml] [--set unit=26068 …]   proposes a mapping\nHow to write a mapping: docs/import/README.md'),
  argument: (text: string) => said(`Tham số không đúng: ${text}. Xem npm run import -- --help.`, `Wrong argument: ${text}. See npm run import -- --help.`),
  noFile: (file: string, why: string) => said(`Không đọc được «${file}» (${why}). Kiểm tra đường dẫn và quyền đọc.`, `«${file}» cannot be read (${why}). Check the path and the right to read it.`),
  noKey: () => said('Thiếu khoá nạp dữ liệu: thêm --key hoặc biến INGEST_KEY (tạo bằng «npm run admin -- create-key»).', 'An ingest key is needed: --key, or INGEST_KEY (create one with «npm run admin -- create-key»).'),
  mapping: (errors: readonly string[]) => said(`Tệp ánh xạ có lỗi; sửa ở dòng:cột được nêu rồi chạy lại:\n  ${errors.join('\n  ')}`, 'The mapping has errors; correct it at the line:column named, then run again.'),
  encodingName: (name: string) => said(`Không biết bảng mã «${name}». Ghi encoding: utf-8, utf-16le hoặc windows-1258 trong tệp ánh xạ.`, `The encoding «${name}» is not known. Write encoding: utf-8, utf-16le or windows-1258 in the mapping.`),
  notUtf8: () => said('Tệp không phải UTF-8. Ghi bảng mã của nó (ví dụ encoding: windows-1258) vào tệp ánh xạ, hoặc lưu lại thành «CSV UTF-8».', 'The file is not UTF-8. Name its encoding in the mapping (for example encoding: windows-1258), or save it as «CSV UTF-8».'),
  binary: () => said('Tệp có byte 0: UTF-16 không có dấu BOM, hoặc không phải CSV. Ghi encoding: utf-16le vào tệp ánh xạ, hoặc lưu lại thành «CSV UTF-8».', 'The file has zero bytes: UTF-16 without its mark, or no CSV. Write encoding: utf-16le in the mapping, or save it as «CSV UTF-8».'),
  empty: () => said('Tệp trống: không có dòng tiêu đề. Kiểm tra lại bản xuất.', 'The file is empty: it has no header row. Check the export.'),
  noRows: () => said('Tệp chỉ có dòng tiêu đề, không có dòng dữ liệu nào. Kiểm tra lại bản xuất, hoặc headerRow trong tệp ánh xạ.', 'The file has a header and no rows. Check the export, or headerRow in the mapping.'),
  missingColumns: (missing: readonly string[], there: readonly string[]) => said(`Tệp ánh xạ dùng cột không có trong tệp: ${missing.join(', ')}.\nTệp có các cột: ${there.join(', ')}. Sửa tên cột, headerRow hoặc encoding trong tệp ánh xạ.`, `The mapping names columns that the file does not have: ${missing.join(', ')}. Correct the names, headerRow or encoding in the mapping.`),
  doubleColumns: (names: readonly string[]) => said(`Cột được dùng xuất hiện hai lần trong tệp: ${names.join(', ')}. Đổi tên một cột rồi chạy lại.`, `A column that is used stands twice in the file: ${names.join(', ')}. Rename one, then run again.`),
  badCsv: (row: number, why: string) => said(`Dòng ${row} của tệp không đúng dạng CSV: ${why}. Sửa dấu ngoặc kép ở dòng đó rồi chạy lại; các dòng trước đã được ghi nhận.`, `Row ${row} of the file is no CSV: ${why}. Mend the quotes there, then run again; the rows before it are in.`),
  oldExcel: () => said('Đây là tệp .xls đời cũ. Mở bằng Excel rồi lưu thành .xlsx hoặc «CSV UTF-8».', 'This is an old .xls file. Open it in Excel and save it as .xlsx or «CSV UTF-8».'),
  locked: () => said('Tệp Excel có mật khẩu. Mở tệp, bỏ mật khẩu (Tệp › Thông tin › Bảo vệ sổ làm việc), lưu lại rồi chạy lại.', 'The workbook has a password. Open it, remove the password (File › Info › Protect Workbook), save, and run again.'),
  badExcel: (why: string) => said(`Không đọc được tệp Excel (${why}). Mở bằng Excel, lưu lại thành .xlsx hoặc «CSV UTF-8» rồi chạy lại.`, `The workbook cannot be read (${why}). Open it in Excel, save it again as .xlsx or «CSV UTF-8», and run again.`),
  noSheet: (wanted: string, there: readonly string[]) => said(`Không có trang tính «${wanted}». Các trang có trong tệp: ${there.join(', ')}. Sửa sheet: trong tệp ánh xạ.`, `There is no sheet «${wanted}». The file has: ${there.join(', ')}. Correct sheet: in the mapping.`),
  tooManyColumns: (most: number) => said(`Tệp có hơn ${most} cột. Đây có lẽ không phải bảng dữ liệu; xuất lại chỉ những cột cần dùng.`, `The file has more than ${most} columns. It is hardly a table of records; export only the columns that are needed.`),
  bomb: (megabytes: number) => said(`Tệp Excel này bung ra quá ${megabytes} MB hoặc hỏng. Lưu thành «CSV UTF-8» rồi chọn lại.`, `The workbook unpacks to more than ${megabytes} MB, or is broken. Save it as «CSV UTF-8» and choose it again.`),
  noHeader: () => said('Không tìm thấy dòng tiêu đề cột trong 40 dòng đầu. Kiểm tra lại bản xuất: cần một dòng nêu tên các cột.', 'No row that names the columns was found in the first 40. Check the export: one row must name the columns.'),
  exists: (file: string) => said(`«${file}» đã có. Đặt tên khác bằng --out, hoặc xoá tệp ấy.`, `«${file}» is there already. Give another name by --out, or remove it.`),
  config: (problems: readonly string[]) => said(`Cấu hình có lỗi:\n  ${problems.slice(0, 20).join('\n  ')}`, 'The configuration has errors: see above.'),
  away: (url: string) => said(`Trung tâm không trả lời ở ${url}. Kiểm tra --url và xem trung tâm đã chạy chưa (npm start), rồi chạy lại lệnh này: nó tiếp tục từ chỗ dừng.`, `The centre does not answer at ${url}. Check --url and that it runs (npm start), then run this again: it goes on where it stopped.`),
  answer: (status: number, code: string, vi: string, en: string) => said(`Trung tâm từ chối (${status} ${code}): ${vi}`, `The centre refused (${status} ${code}): ${en}`),
  write: (file: string, why: string) => said(`Không ghi được «${file}» (${why}). Cấp quyền ghi, hoặc chép tệp nguồn vào thư mục ghi được rồi chạy lại.`, `«${file}» cannot be written (${why}). Grant the right, or copy the source into a folder that can be written, and run again.`),
};
export const problem = <N extends keyof typeof PROBLEMS>(name: N, ...args: Parameters<(typeof PROBLEMS)[N]>): ImportProblem =>
  new ImportProblem((PROBLEMS[name] as (...all: typeof args) => Said)(...args));

/** Why a row is refused before it is sent. The centre's own reasons are in `server/contract/faults.ts`. */
export const ROW_FAULTS = {
  bad_date: { title: 'Không đọc được ngày giờ', next: 'Sửa ô thành dd/mm/yyyy (có thể kèm giờ hh:mm), hoặc sửa dateOrder trong tệp ánh xạ.' },
  bad_number: { title: 'Không đọc được số', next: 'Sửa ô thành một số, hoặc sửa decimal trong tệp ánh xạ.' },
  bad_flag: { title: 'Không rõ là có hay không', next: 'Sửa ô thành có hoặc không, hoặc thêm từ này vào values trong tệp ánh xạ.' },
  missing_cell: { title: 'Thiếu dữ liệu bắt buộc', next: 'Điền ô ở cột được nêu, hoặc thêm when: vào tệp ánh xạ để bỏ qua dòng như vậy.' },
  same_id: { title: 'Hai nội dung khác nhau có cùng mã sự kiện', next: 'Thêm cột phân biệt vào eventId trong tệp ánh xạ, hoặc bỏ dòng lặp.' },
} as const;
export type RowFault = keyof typeof ROW_FAULTS;

export interface Totals { rows: number; events: number; accepted: number; duplicates: number; refused: number }
export const NOTES = {
  resumed: (row: number) => said(`Tiếp tục sau dòng ${row} (lần trước dừng giữa chừng; --restart để làm lại từ đầu).`, `Going on after row ${row} (the last run stopped on its way; --restart begins again).`),
  otherProgress: () => said('Tệp, tệp ánh xạ hoặc trung tâm đã khác lần trước: làm lại từ đầu (sự kiện đã có không bị tính hai lần).', 'The file, the mapping or the centre is not that of the last run: beginning again (what is there is not counted twice).'),
  stopped: () => said('Đã dừng. Chạy lại cùng lệnh để tiếp tục từ chỗ này.', 'Stopped. The same command goes on from here.'),
  waiting: (url: string) => said(`Chờ ${url} trả lời …`, `Waiting for ${url} …`),
  line: (t: Totals, percent: number) => said(`  ${percent} % · ${t.rows} dòng · ${t.accepted} nhận · ${t.duplicates} trùng · ${t.refused} từ chối`, `${t.rows} rows, ${t.accepted} accepted, ${t.duplicates} duplicates, ${t.refused} refused`),
  done: (t: Totals, report: string) => said(
    `Xong: ${t.rows} dòng, ${t.events} sự kiện: ${t.accepted} nhận, ${t.duplicates} trùng, ${t.refused} từ chối${t.refused > 0 ? ` (xem ${report})` : ''}.`,
    `${t.rows} rows, ${t.events} events: ${t.accepted} accepted, ${t.duplicates} duplicates, ${t.refused} refused${t.refused > 0 ? ` (see ${report})` : ''}`),
  dry: (t: Totals, report: string) => said(
    `Chạy thử: ${t.rows} dòng thành ${t.events} sự kiện, ${t.refused} không hợp lệ${t.refused > 0 ? ` (xem ${report})` : ''}; chưa gửi gì.`,
    `Dry run: ${t.rows} rows become ${t.events} events, ${t.refused} not valid${t.refused > 0 ? ` (see ${report})` : ''}; nothing was sent`),
};

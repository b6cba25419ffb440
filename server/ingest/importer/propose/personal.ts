/** Columns of citizens' data: by their heading, or by what stands in them. They are never mapped and never shown. */
import { isPersonalField } from '../../refusal.ts';
import { heading, fold } from './text.ts';

/** Names of things, not of people. */
const THINGS = /^ten (thu tuc|don vi|co quan|quay|dich vu|linh vuc|phong ban|trang thai|bo phan|su kien|ho so|quy trinh|buoc|kenh|xa|phuong|huyen|tinh)|\b(concept|case|unit|office|agency|procedure|service|counter|event|activity|org|status|category|department|queue) name\b|^(concept name|time timestamp)$/;
const PEOPLE = /\b(nguoi (nop|dan|gui|yeu cau|uy quyen|dai dien|phan anh|danh gia|lien he|nhan)|chu ho so|cong dan|khach hang|ho ten|ho va ten|ten to chuc|to chuc ca nhan|ten doanh nghiep|nguoi su dung|applicant|citizen|customer|submitter|so dien thoai|dien thoai|di dong|sdt|dt|cccd|cmnd|cmt|can cuoc|dinh danh|ho chieu|so giay to|giay to tuy than|dia chi|noi o|thuong tru|tam tru|ngay sinh|nam sinh|gioi tinh|dan toc|ma so thue|mst|email|e mail|thu dien tu|so tai khoan|phone|mobile|address|birth|passport|identity)\b/;
const NAMES = /^(nguyen|tran|le|pham|hoang|huynh|phan|vu|vo|dang|bui|do|ho|ngo|duong|ly|truong|dinh|doan|lam|trinh|mai|dao|cao|luong|ta|to|ha|chau|thai|luu|quach)( [a-z]+){1,4}$/;
const KINDS: readonly (readonly [test: (text: string, folded: string) => boolean, vi: string, en: string])[] = [
  [(text) => /^[^\s@]{1,80}@[^\s@]{1,80}\.[a-z]{2,10}$/i.test(text), 'thư điện tử', 'mail addresses'],
  [(text) => /^(\+84|84|0)[\s.]?\d{2,3}[\s.]?\d{3}[\s.]?\d{3,4}$/.test(text), 'số điện thoại', 'phone numbers'],
  [(text) => /^0\d{11}$/.test(text), 'số căn cước', 'identity numbers'],
  // «Đăng ký …» is no Mrs Đặng: every word of a name begins with a capital.
  [(text, folded) => text.length <= 50 && /^(\p{Lu}\S*\s*)+$/u.test(text) && NAMES.test(folded), 'họ tên người', 'names of people'],
];

/** Why this column holds citizens' data, or null. `named`: what the heading is taken for; such a column is judged by it. */
export function personalReason(title: string, values: readonly string[], named: boolean): { vi: string; en: string } | null {
  const text = heading(title);
  if (!THINGS.test(text) && (PEOPLE.test(text) || (!named && isPersonalField(title)))) return { vi: 'tiêu đề là dữ liệu của công dân', en: 'the heading is that of citizens’ data' };
  const some = values.slice(0, 200);
  for (const [test, vi, en] of KINDS) if (some.length > 0 && some.filter((value) => test(value, fold(value))).length >= Math.max(1, some.length * 0.6)) return { vi: `giá trị trông như ${vi}`, en: `the values look like ${en}` };
  return null;
}

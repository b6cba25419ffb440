/** What a person reads in the terminal once the centre is up: where to look and how to sign in. */
import type { Centre } from './centre.ts';

export function welcome(centre: Pick<Centre, 'url' | 'accounts' | 'demo' | 'edition'>, version: string): string {
  const lines = [
    '', `  Toàn Cảnh ${version}`, '',
    `  Mở trang · Open        ${centre.url}/`, `  Màn hình lớn · Wall    ${centre.url}/wall/toan-canh`, `  API                    ${centre.url}/api/docs`, '',
  ];
  if (centre.demo) lines.push('  Dữ liệu MÔ PHỎNG đang chạy · SIMULATED data (npm run admin -- purge-demo removes it)', '');
  if (centre.accounts.length > 0) {
    lines.push('  Đăng nhập · Sign in (mật khẩu chỉ hiện một lần này · shown this once):');
    for (const account of centre.accounts) lines.push(`    ${account.username.padEnd(10)} ${account.password ?? '(ADMIN_PASSWORD)'}   ${account.roles.join(', ')}`);
    lines.push('');
  } else lines.push('  Đăng nhập bằng tài khoản đã có · Sign in with an existing account (quên: npm run admin -- set-password admin)', '');
  lines.push('  Ctrl+C để dừng · to stop', '', '');
  return lines.join('\n');
}

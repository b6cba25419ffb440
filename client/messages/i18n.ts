import { createI18n } from 'vue-i18n';
import en from './en.json';
import vi from './vi.json';

const kept = localStorage.getItem('language');
export const i18n = createI18n({ legacy: false, locale: kept === 'en' ? 'en' : 'vi', fallbackLocale: 'vi', messages: { vi, en } });
export function switchLanguage(): void {
  const next = i18n.global.locale.value === 'vi' ? 'en' : 'vi';
  i18n.global.locale.value = next;
  localStorage.setItem('language', next);
  document.documentElement.lang = next;
}

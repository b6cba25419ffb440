/** Vietnamese is there at once; English is fetched when somebody wants it. The choice is remembered. */
import { createI18n } from 'vue-i18n';
import vi from './vi.json';

export type Language = 'vi' | 'en';
export const i18n = createI18n({ legacy: false, locale: 'vi', fallbackLocale: 'vi', messages: { vi } });

export async function useLanguage(language: Language): Promise<void> {
  if (language === 'en' && !(i18n.global.availableLocales as string[]).includes('en')) i18n.global.setLocaleMessage('en' as 'vi', (await import('./en.json')).default as typeof vi);
  i18n.global.locale.value = language as 'vi';
  document.documentElement.lang = language;
}
export async function rememberedLanguage(): Promise<void> { if (localStorage.getItem('language') === 'en') await useLanguage('en'); }
export async function switchLanguage(): Promise<void> {
  const next: Language = (i18n.global.locale.value as Language) === 'vi' ? 'en' : 'vi';
  localStorage.setItem('language', next);
  await useLanguage(next);
}

import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { ar } from './ar/ar.ts';

export type Language = 'ar' | 'en';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof ar };
    enableSelector: false;
  }
}

/** Only the texts of the shown language are loaded. */
async function textsOf(language: Language): Promise<object> {
  return language === 'ar' ? (await import('./ar/ar.ts')).ar : (await import('./en/en.ts')).en;
}

export async function startTexts(language: Language): Promise<i18n> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: await textsOf(language) } },
    // React escapes; a text is never put into HTML.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  return i18next;
}

export async function showLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation'))
    i18next.addResourceBundle(language, 'translation', await textsOf(language));
  await i18next.changeLanguage(language);
}

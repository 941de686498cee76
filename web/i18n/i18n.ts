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

type Part = 'first' | 'more';

/** Only the texts of the shown language are loaded. */
const parts = {
  ar: {
    first: async () => (await import('./ar/first.ts')).first,
    more: async () => (await import('./ar/more.ts')).more,
  },
  en: {
    first: async () => (await import('./en/first.ts')).first,
    more: async () => (await import('./en/more.ts')).more,
  },
} as const satisfies Record<Language, Record<Part, () => Promise<object>>>;

const loaded = new Set<string>();
let isMoreWanted = false;

async function addTexts(language: Language, part: Part): Promise<void> {
  const name = `${language} ${part}`;
  if (loaded.has(name)) return;
  const texts = await parts[language][part]();
  i18next.addResourceBundle(language, 'translation', texts, true);
  loaded.add(name);
}

export async function startTexts(language: Language): Promise<i18n> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    // React escapes; a text is never put into HTML.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await addTexts(language, 'first');
  return i18next;
}

/** Texts of the screens that are loaded when they are wanted: before the first of them is drawn. */
export async function wantMoreTexts(): Promise<void> {
  isMoreWanted = true;
  await addTexts(i18next.language === 'en' ? 'en' : 'ar', 'more');
}

export async function showLanguage(language: Language): Promise<void> {
  await Promise.all([addTexts(language, 'first'), isMoreWanted && addTexts(language, 'more')]);
  // Whoever shows a text would be drawn again.
  if (i18next.language !== language) await i18next.changeLanguage(language);
}

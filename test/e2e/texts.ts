import { ar } from '../../web/i18n/ar/ar.ts';
import { en } from '../../web/i18n/en/en.ts';

/** What a person reads on the buttons: the tests look for the same texts as the pages show. */
export { ar, en };

const all = { ar, en } as const;

/**
 * For flows that are gone through in one language: every screen is looked at in both (screens.ts), and the texts of both
 * are complete by their types. `E2E_LANGUAGES=both` goes through them in both.
 */
export function languages(one: 'ar' | 'en'): { language: 'ar' | 'en'; texts: typeof ar | typeof en }[] {
  const both = process.env['E2E_LANGUAGES'] === 'both';
  return (['ar', 'en'] as const)
    .filter((language) => both || language === one)
    .map((language) => ({ language, texts: all[language] }));
}

/** A text with its `{{holes}}` as a pattern that any value fits. */
export function anyOf(text: string): RegExp {
  const parts = text.split(/\{\{[^}]*\}\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.+'));
}

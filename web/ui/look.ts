import type { Preferences } from '#shared/settings.ts';
import type { Language } from '../i18n/i18n.ts';

/** Also read by public/look.js before the first paint. */
const key = 'aapanel.look';

export type Look = Pick<Preferences, 'language' | 'theme' | 'digits' | 'timeZone'>;

const plain: Look = { language: 'auto', theme: 'auto', digits: 'latn', timeZone: 'auto' };

/** What this browser showed last: known before anybody has signed in. */
export function storedLook(): Look {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    return typeof stored === 'object' && stored !== null ? { ...plain, ...stored } : plain;
  } catch {
    return plain;
  }
}

export function storeLook(look: Look): void {
  try {
    localStorage.setItem(key, JSON.stringify(look));
  } catch {
    // Storage is full or forbidden: the look then follows the account at each visit.
  }
}

/** Arabic unless the browser asks for English before Arabic. */
export function languageOf(look: Pick<Look, 'language'>): Language {
  if (look.language !== 'auto') return look.language;
  const first = navigator.languages.find((each) => /^(ar|en)\b/i.test(each));
  return first !== undefined && /^en/i.test(first) ? 'en' : 'ar';
}

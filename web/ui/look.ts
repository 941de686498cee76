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

/** The first language that the browser asks for and the panel has. */
function askedLanguage(): Language | undefined {
  const first = navigator.languages.find((each) => /^(ar|en)\b/i.test(each));
  return first === undefined ? undefined : /^en/i.test(first) ? 'en' : 'ar';
}

let panelLanguage: Language = 'ar';
/** The panel's default, for whoever chose no language and whose browser asks for neither. */
export function setPanelLanguage(language: 'auto' | Language): void {
  panelLanguage = language === 'auto' ? 'ar' : language;
}

/** Whether only the panel's default decides. */
export function needsPanelLanguage(look: Pick<Look, 'language'>): boolean {
  return look.language === 'auto' && askedLanguage() === undefined;
}

/** What was chosen; else what the browser asks for; else the panel's default. */
export function languageOf(look: Pick<Look, 'language'>): Language {
  return look.language === 'auto' ? (askedLanguage() ?? panelLanguage) : look.language;
}

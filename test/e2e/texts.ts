import { ar } from '../../web/i18n/ar/ar.ts';
import { en } from '../../web/i18n/en/en.ts';

/** What a person reads on the buttons: the tests look for the same texts as the pages show. */
export { ar, en };

/** A text with its `{{holes}}` as a pattern that any value fits. */
export function anyOf(text: string): RegExp {
  const parts = text.split(/\{\{[^}]*\}\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.+'));
}

import { commonPasswords } from './common-passwords-list.ts';

const common = new Set(commonPasswords);

/**
 * True for what guessers try first: a list of common passwords, the habits of panels (`Aapanel123!`), one character
 * repeated, and anything that is little more than the person's own name.
 */
export function isCommonPassword(password: string, name: string): boolean {
  const lower = password.normalize('NFKC').toLowerCase();
  if (common.has(lower) || /^(.)\1*$/u.test(lower)) return true;
  if (/^(aapanel|btpanel|admin|administrator|password|qwerty)[^a-z]*$/.test(lower)) return true;
  const letters = lettersOf(lower);
  return letters !== '' && letters === lettersOf(name.toLowerCase());
}

function lettersOf(text: string): string {
  return text.replaceAll(/[^\p{L}]/gu, '');
}

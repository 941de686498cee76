import { expect, it } from 'vitest';
import { newPassword } from './accounts.ts';

it('a password has 8 to 128 characters of any kind and is kept as it was typed', () => {
  for (const text of [
    'eightchr',
    'UPPERCASEONLY',
    '0192837465',
    '!"#$%&/()=?',
    'مفتاح باب البيت',
    '密碼密碼密碼密碼',
    ' blanks at both ends ',
    'a <script> & "quotes"',
    'x'.repeat(64),
    'y'.repeat(128),
  ]) {
    expect(newPassword.parse(text)).toBe(text);
  }
  // Two ways to type one letter are one password.
  expect(newPassword.parse('cafe\u0301 cafe\u0301')).toBe('caf\u00e9 caf\u00e9');
  const codeOf = (text: string) => newPassword.safeParse(text).error?.issues[0]?.message;
  expect([codeOf('seven77'), codeOf(''), codeOf('z'.repeat(129))]).toEqual([
    'password_too_short',
    'password_too_short',
    'password_too_long',
  ]);
});

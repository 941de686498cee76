import { expect, it } from 'vitest';
import { commonPasswords } from './common-passwords-list.ts';
import { isCommonPassword } from './common-passwords.ts';

it('the 3,000 passwords that guessers try first are refused, each at least eight characters long', () => {
  const list = new Set(commonPasswords);
  expect(list.size).toBeGreaterThan(3_000);
  for (const password of list) {
    expect([password, password.length >= 8, isCommonPassword(password, 'nobody')]).toEqual([password, true, true]);
  }
  expect(isCommonPassword('BaseBall', 'nobody')).toBe(true);
});

it.each([
  'aapanel2026!',
  'BTpanel1234',
  'Administrator1',
  'admin!!!!!!',
  'Password123!',
  'qwerty98765',
  'aaaaaaaaaaaa',
  'layla1234567',
  'ليلى 12345678',
])('%s says little more than a word of panels or the own name', (password) => {
  const name = password.startsWith('ل') ? 'ليلى' : 'layla';
  expect(isCommonPassword(password, name)).toBe(true);
});

it('a sentence is no common password, also with one of these words in it', () => {
  for (const password of ['layla has four red boats', 'my admin drinks coffee', 'مفتاح باب البيت القديم']) {
    expect([password, isCommonPassword(password, 'layla')]).toEqual([password, false]);
  }
});

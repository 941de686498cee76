import { expect, it } from 'vitest';
import { isCommonPassword } from './common-passwords.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

it('a password is stored as argon2id with its cost and a salt of its own', async () => {
  const [one, two] = await Promise.all([hashPassword('the same words'), hashPassword('the same words')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(two).not.toBe(one);
  expect(await verifyPassword('the same words', one)).toBe(true);
  expect(await verifyPassword('the same word', one)).toBe(false);
});

it('AUTH-3 empty, missing and decoy never match', async () => {
  const stored = await hashPassword('words');
  expect(await verifyPassword('', stored)).toBe(false);
  expect(await verifyPassword('', undefined)).toBe(false);
  expect(await verifyPassword('words', undefined)).toBe(false);
  await expect(verifyPassword('words', 'plain words')).rejects.toThrow('cannot be read');
});

it.each([
  '12345678',
  'Password1',
  'PASSWORD123!',
  'aaaaaaaaaa',
  'qwertyuiop',
  'Aapanel2026!',
  'Mona2026',
  'ｐａｓｓｗｏｒｄ',
])('%s is refused for mona', (password) => expect(isCommonPassword(password, 'mona')).toBe(true));

it.each(['correct horse battery', 'كلمة مرور طويلة', 'mona likes figs', '4711-0815-2342'])(
  '%s is accepted',
  (password) => expect(isCommonPassword(password, 'mona')).toBe(false),
);

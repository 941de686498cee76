import { expect, it } from 'vitest';
import { tokenOf } from './link-token.ts';

it.each([
  ['', null],
  ['#', null],
  ['#account', null],
  ['#token=', null],
  ['#token=abc_-1', 'abc_-1'],
  ['#x=1&token=abc', 'abc'],
  [`#token=${'a'.repeat(201)}`, null],
])('the secret of the address %j is %j', (hash, token) => {
  expect(tokenOf(hash)).toBe(token);
});

import { expect, it } from 'vitest';
import { addressesOf } from './addresses.ts';

const facts = { host: '0.0.0.0', port: 5000, isTls: false, isProduction: false };
const own = () => '192.0.2.7';

it.each([
  [
    'a developer machine opens localhost, other machines its address',
    {},
    'http://localhost:5000',
    'http://192.0.2.7:5000',
  ],
  ['a server is opened at its address', { isProduction: true }, 'http://192.0.2.7:5000', null],
  ['one address is the only way in', { host: '127.0.0.1' }, 'http://127.0.0.1:5000', null],
  ['IPv6 stands in brackets', { host: '::1', isTls: true }, 'https://[::1]:5000', null],
])('%s', (_name, change, publicUrl, networkUrl) => {
  expect(addressesOf({ ...facts, ...change }, own)).toEqual({ publicUrl, networkUrl });
});

it('a machine without a network is opened at localhost', () => {
  expect(addressesOf(facts, () => undefined)).toEqual({ publicUrl: 'http://localhost:5000', networkUrl: null });
});

import { expect, it } from 'vitest';
import { isOwnPath } from './own-path.ts';

it.each(['/', '/sites', '/sites?search=a%20b', '/settings#account', '/sites/abcdefghijklmnop/logs'])(
  '%s is a place of the panel',
  (path) => expect(isOwnPath(path)).toBe(true),
);

it.each([
  'https://evil.test/',
  '//evil.test/',
  '/\\evil.test',
  '\\\\evil.test',
  '/a\\b',
  '/\t/evil.test',
  ' /sites',
  'sites',
  'javascript:alert(1)',
  '',
  undefined,
  7,
])('%j is none', (path) => expect(isOwnPath(path)).toBe(false));

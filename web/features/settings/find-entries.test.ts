import { expect, it } from 'vitest';
import { findEntries, secretLength, textOfEntries } from './find-entries.ts';
import type { ConfigEntry } from './settings.queries.ts';

const entries: ConfigEntry[] = [
  { key: 'HOST', value: '127.0.0.1', source: 'default', isSecret: false },
  { key: 'PORT', value: '5000', source: 'environment', isSecret: false },
  { key: 'SECRET_KEY', value: '***(64)', source: 'file', isSecret: true },
];

it('values are found by name, value and source, each word anywhere', () => {
  expect(findEntries(entries, 'port', 'all').map(({ key }) => key)).toEqual(['PORT']);
  expect(findEntries(entries, '127.0', 'all').map(({ key }) => key)).toEqual(['HOST']);
  expect(findEntries(entries, 'file secret', 'all').map(({ key }) => key)).toEqual(['SECRET_KEY']);
  expect(findEntries(entries, 'nothing', 'all')).toEqual([]);
});

it('defaults can be left out', () => {
  expect(findEntries(entries, '', 'set').map(({ key }) => key)).toEqual(['PORT', 'SECRET_KEY']);
});

it('what is copied never holds more of a secret than its length', () => {
  expect(secretLength(entries[2] ?? { isSecret: false, value: '' })).toBe('64');
  expect(secretLength({ isSecret: false, value: '***(64)' })).toBeUndefined();
  expect(textOfEntries(entries)).toContain('SECRET_KEY=***(64)  # file');
});

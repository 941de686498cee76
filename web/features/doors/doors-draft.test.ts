import { expect, it } from 'vitest';
import type { Doors } from '#shared/doors.ts';
import { addressFate, changedFacts, doorsOf, draftOf, entryAddress, newEntryPath } from './doors-draft.ts';

const doors: Doors = {
  entryPath: 'secret-way-in',
  allowedAddresses: ['203.0.113.0/24', '2001:db8::/32'],
  domains: ['panel.example.com'],
  trustedProxies: [],
  port: 5000,
};

it('what is saved and typed unchanged is sent back unchanged', () => {
  expect(doorsOf(draftOf(doors))).toEqual(doors);
  expect(changedFacts(doors, doorsOf(draftOf(doors)))).toEqual([]);
});

it('only what differs is named as changed, and switching the path off is a change', () => {
  const now = doorsOf({ ...draftOf(doors), hasEntry: false, port: '8443', domains: 'Panel.Example.com' });
  expect(now.entryPath).toBeNull();
  expect(changedFacts(doors, now)).toEqual(['entryPath', 'port']);
});

it('a port that is no number is sent as one that is refused', () => {
  expect(doorsOf({ ...draftOf(doors), port: 'abc' }).port).toBe(0);
});

it('the reader is told before they shut themselves out; loopback always may', () => {
  expect(addressFate('198.51.100.1', [])).toBe('anywhere');
  expect(addressFate('203.0.113.9', doors.allowedAddresses)).toBe('allowed');
  expect(addressFate('198.51.100.1', doors.allowedAddresses)).toBe('missing');
  expect(addressFate('127.0.0.1', doors.allowedAddresses)).toBe('allowed');
});

it('the full address has the path and follows a change of the port, but keeps the port of a proxy', () => {
  const draft = draftOf(doors);
  expect(entryAddress('https://panel.test:5000', 5000, draft)).toBe('https://panel.test:5000/secret-way-in');
  expect(entryAddress('https://panel.test:5000', 5000, { ...draft, port: '6000', hasEntry: false })).toBe(
    'https://panel.test:6000/',
  );
  expect(entryAddress('https://panel.test', 5000, draft)).toBe('https://panel.test/secret-way-in');
});

it('a new path is long, plain and never the same', () => {
  const paths = Array.from({ length: 20 }, newEntryPath);
  expect(paths.every((path) => /^[a-z2-9]{20}$/.test(path))).toBe(true);
  expect(new Set(paths).size).toBe(20);
});

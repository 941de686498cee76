import { expect, it } from 'vitest';
import { permissions } from '#shared/access.ts';
import { ar } from '../i18n/ar/ar.ts';
import { inOrder, permissionKey } from './permission-texts.ts';

it('every permission has its place in the list and its sentence, and there is no other sentence', () => {
  expect(inOrder(permissions).sort()).toEqual([...permissions]);
  expect(Object.keys(ar.people.permissions).sort()).toEqual(permissions.map(permissionKey).sort());
});

it('what was chosen is shown in the order of the list, whatever the order it came in', () => {
  expect(inOrder(['audit.read', 'sites.write', 'sites.read'])).toEqual(['sites.read', 'sites.write', 'audit.read']);
});

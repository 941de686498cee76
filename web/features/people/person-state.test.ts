import { expect, it } from 'vitest';
import { permissions } from '#shared/access.ts';
import type { PersonRow } from '#shared/people.ts';
import { factorWarning, personState, roleBarrier } from './person-state.ts';

const person: PersonRow = {
  id: 'aaaaaaaaaaaaaaaa',
  name: 'omar',
  displayName: '',
  role: 'viewer',
  roleName: '',
  createdAt: '2026-03-01T10:00:00.000Z',
  isDisabled: false,
  mustHaveSecondFactor: false,
  siteIds: [],
  lastSeenAt: null,
  sessionCount: 0,
  hasPassword: false,
  hasTotp: false,
  passkeyCount: 0,
  recoveryCodesLeft: 0,
  invitedUntil: null,
  canChange: true,
};
const now = Date.parse('2026-03-02T10:00:00.000Z');

it('somebody without a factor is invited while the link lives, expired after it, and cleared if they were here before', () => {
  expect(personState({ ...person, invitedUntil: '2026-03-03T10:00:00.000Z' }, now)).toBe('invited');
  expect(personState({ ...person, invitedUntil: '2026-03-02T09:00:00.000Z' }, now)).toBe('expired');
  expect(personState({ ...person, lastSeenAt: '2026-03-02T09:00:00.000Z' }, now)).toBe('cleared');
  expect(personState({ ...person, passkeyCount: 1 }, now)).toBe('active');
  expect(personState({ ...person, hasPassword: true, isDisabled: true }, now)).toBe('disabled');
});

it('a password alone is weak, and a missing second factor is said louder', () => {
  expect(factorWarning({ ...person, hasPassword: true })).toBe('weak');
  expect(factorWarning({ ...person, hasPassword: true, mustHaveSecondFactor: true })).toBe('missing');
  expect(factorWarning({ ...person, hasPassword: true, hasTotp: true, mustHaveSecondFactor: true })).toBeNull();
  expect(factorWarning(person)).toBeNull();
});

it('nobody is offered a role with more than they have, and only an owner makes owners', () => {
  const administrator = { role: 'administrator', permissions };
  expect(roleBarrier({ id: 'owner', permissions: [...permissions] }, administrator)).toBe('ownerOnly');
  expect(roleBarrier({ id: 'administrator', permissions: [...permissions] }, administrator)).toBeNull();
  expect(
    roleBarrier(
      { id: 'operator', permissions: ['sites.read', 'sites.create'] },
      { role: 'x', permissions: ['sites.read'] },
    ),
  ).toBe('moreThanOwn');
});

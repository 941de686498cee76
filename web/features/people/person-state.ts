import type { Permission } from '#shared/access.ts';
import type { PersonRow, RoleRow } from '#shared/people.ts';

export type PersonState = 'active' | 'disabled' | 'invited' | 'expired' | 'cleared';

/** How things stand with somebody, in one word. */
export function personState(
  { isDisabled, hasPassword, passkeyCount, invitedUntil, lastSeenAt }: PersonRow,
  now = Date.now(),
): PersonState {
  if (isDisabled) return 'disabled';
  if (hasPassword || passkeyCount > 0) return 'active';
  if (invitedUntil !== null && Date.parse(invitedUntil) > now) return 'invited';
  return lastSeenAt === null ? 'expired' : 'cleared';
}

export type FactorWarning = 'missing' | 'weak' | null;

/** What is wrong with somebody's ways of signing in; null: nothing, or they have not begun. */
export function factorWarning({ hasPassword, hasTotp, passkeyCount, mustHaveSecondFactor }: PersonRow): FactorWarning {
  const hasSecond = hasTotp || passkeyCount > 0;
  if (hasSecond || !hasPassword) return null;
  return mustHaveSecondFactor ? 'missing' : 'weak';
}

/** Why the reader cannot give this role; null: they can. */
export function roleBarrier(
  role: Pick<RoleRow, 'id' | 'permissions'>,
  reader: { readonly role: string; readonly permissions: readonly Permission[] },
): 'ownerOnly' | 'moreThanOwn' | null {
  if (role.id === 'owner' && reader.role !== 'owner') return 'ownerOnly';
  return role.permissions.every((permission) => reader.permissions.includes(permission)) ? null : 'moreThanOwn';
}

/** Somebody as others call them. */
export function shownPerson({ displayName, name }: Pick<PersonRow, 'displayName' | 'name'>): string {
  return displayName === '' ? name : displayName;
}

import { useMutation } from '@tanstack/react-query';
import type { PasswordRule } from '#shared/behaviour/passwords.ts';
import type { SiteBehaviour } from '#shared/site-behaviour.ts';
import { sitesApi } from '#shared/sites.ts';
import { call } from '../../../api/client.ts';

/** A user of a locked path while the form is open: with the password that was just typed, if one was. */
export type UserDraft = PasswordRule['users'][number] & { readonly password?: string };

/** Each typed password goes to the server by itself and alone; the rules then name it by its id. */
export async function settlePasswords(
  behaviour: SiteBehaviour,
  keep: (password: string) => Promise<string>,
): Promise<SiteBehaviour> {
  const passwords: PasswordRule[] = [];
  for (const rule of behaviour.passwords) {
    const users: PasswordRule['users'] = [];
    for (const { name, passwordId, password = '' } of rule.users as UserDraft[])
      users.push({ name, passwordId: password === '' ? passwordId : await keep(password) });
    passwords.push({ ...rule, users });
  }
  return { ...behaviour, passwords };
}

/** The rules for a question about them: with no password, and with users that stand for those who are not whole yet. */
export function withoutTyped(behaviour: SiteBehaviour): SiteBehaviour {
  const passwords = behaviour.passwords.map((rule) => ({
    ...rule,
    users: rule.users.map((_, index) => ({ name: `user-${index}`, passwordId: 'a'.repeat(16) })),
  }));
  return { ...behaviour, passwords };
}

export function useTypedPasswords(siteId: string) {
  return useMutation({
    mutationFn: (behaviour: SiteBehaviour) =>
      settlePasswords(behaviour, async (password) => {
        const { passwordId } = await call(sitesApi.keepPassword, { params: { siteId }, body: { password } });
        return passwordId;
      }),
    // What was typed does not stay in memory.
    gcTime: 0,
  });
}

const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** 20 letters and digits that nobody mistakes for one another. */
export function makePassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(64)).filter((byte) => byte < letters.length * 4);
  return Array.from(bytes.slice(0, 20), (byte) => letters[byte % letters.length]).join('');
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { accountsApi, type Me } from '#shared/accounts.ts';
import type { ResponseOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';
import { meQuery } from '../../api/session.ts';
import { isOwnPath } from './own-path.ts';
import type { Look } from '../../ui/look.ts';

export type SignInState = ResponseOf<typeof accountsApi.signInState>;

export const signInStateQuery = queryOptions({
  queryKey: ['sign-in-state'],
  queryFn: ({ signal }) => call(accountsApi.signInState, { signal }),
  staleTime: 0,
});

export type Owner = {
  readonly token: string;
  readonly name: string;
  readonly displayName: string;
  readonly password: string;
};

/** What was chosen before anybody was known belongs to the account from now on. A failure here must not keep one out. */
async function keepLook(me: Me, chosen: Partial<Look>): Promise<Me> {
  const body = { ...me.preferences, ...chosen };
  if (JSON.stringify(body) === JSON.stringify(me.preferences)) return me;
  return call(accountsApi.setPreferences, { body }).catch(() => me);
}

/** Lets the person in: nothing of whoever was here before stays, and "back" does not lead to the form again. */
function useEnter(next: string | undefined): (me: Me) => void {
  const client = useQueryClient();
  const router = useRouter();
  return (me) => {
    client.clear();
    client.setQueryData(meQuery.queryKey, me);
    router.history.replace(isOwnPath(next) ? next : '/');
  };
}

export function useSignIn(next: string | undefined, chosen: Partial<Look>) {
  const enter = useEnter(next);
  return useMutation({
    mutationFn: async (body: { name: string; password: string }) =>
      keepLook(await call(accountsApi.signIn, { body }), chosen),
    onSuccess: enter,
  });
}

export function useSignInWithLink(next: string | undefined, chosen: Partial<Look>) {
  const enter = useEnter(next);
  return useMutation({
    mutationFn: async (token: string) => keepLook(await call(accountsApi.signInWithLink, { body: { token } }), chosen),
    onSuccess: enter,
  });
}

export function useCreateOwner(chosen: Partial<Look>) {
  const enter = useEnter(undefined);
  return useMutation({
    mutationFn: async (body: Owner) => keepLook(await call(accountsApi.createOwner, { body }), chosen),
    onSuccess: enter,
  });
}

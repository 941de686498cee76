import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { accountsApi, type Me, type SignInAnswer } from '#shared/accounts.ts';
import type { PasskeyAssertion, Proof } from '#shared/factors.ts';
import type { ResponseOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';
import { meQuery } from '../../api/session.ts';
import { isOwnPath } from './own-path.ts';
import type { Look } from '../../ui/look.ts';

export type SignInState = ResponseOf<typeof accountsApi.signInState>;
/** A right password that is not enough: what is still to be proved. */
export type SecondStep = Omit<Extract<SignInAnswer, { state: 'second_factor' }>, 'state'>;

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

/** What signing in needs to know besides the proofs. */
export type EntryWish = {
  /** Where to, inside of the panel. */
  readonly next: string | undefined;
  readonly chosen: Partial<Look>;
  /** Called instead of entering when one more factor is asked for. */
  readonly onSecond: (step: SecondStep) => void;
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

/** One way in: what it asks the panel, and then inside or on to the second factor. */
function useEntry<T>({ next, chosen, onSecond }: EntryWish, ask: (input: T) => Promise<SignInAnswer>) {
  const enter = useEnter(next);
  return useMutation({
    mutationFn: async (input: T): Promise<SignInAnswer> => {
      const answer = await ask(input);
      return answer.state === 'signed_in' ? { ...answer, me: await keepLook(answer.me, chosen) } : answer;
    },
    onSuccess: (answer) => {
      if (answer.state === 'signed_in') enter(answer.me);
      else onSecond({ step: answer.step, kinds: answer.kinds });
    },
  });
}

export function useSignIn(wish: EntryWish) {
  return useEntry(wish, (body: { name: string; password: string }) => call(accountsApi.signIn, { body }));
}

export function useSignInSecond(wish: EntryWish) {
  return useEntry(wish, (body: { step: string; proof: Proof }) => call(accountsApi.signInSecond, { body }));
}

export function useSignInWithPasskey(wish: EntryWish) {
  return useEntry(wish, (assertion: PasskeyAssertion) => call(accountsApi.signInWithPasskey, { body: { assertion } }));
}

export function useAcceptInvitation(wish: EntryWish) {
  return useEntry(wish, (body: { token: string; password: string }) => call(accountsApi.acceptInvitation, { body }));
}

/** `step` null: any passkey of this place. */
export function passkeyChallenge(step: string | null) {
  return call(accountsApi.passkeySignInOptions, { body: { step } });
}

export function invitationQuery(token: string) {
  return queryOptions({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => call(accountsApi.invitation, { body: { token }, signal }),
    staleTime: 'static',
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

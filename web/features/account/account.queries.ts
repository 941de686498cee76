import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { accountsApi } from '#shared/accounts.ts';
import type { PasskeyRegistration } from '#shared/factors.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { tokensApi } from '#shared/tokens.ts';
import { call } from '../../api/client.ts';
import { meQuery } from '../../api/session.ts';
import { readFactorsAnew } from '../accounts/factors.queries.ts';
import { showFreshCodes } from './fresh-codes.ts';

export type MySession = ResponseOf<typeof accountsApi.sessions>['items'][number];
export type TotpSecret = ResponseOf<typeof accountsApi.newTotp>;
export type NewToken = BodyInputOf<typeof tokensApi.create>;

export const mySessionsQuery = queryOptions({
  queryKey: ['my-sessions'],
  queryFn: ({ signal }) => call(accountsApi.sessions, { signal }),
});

export const myTokensQuery = queryOptions({
  queryKey: ['my-tokens'],
  queryFn: ({ signal }) => call(tokensApi.list, { signal }),
});

/** One change of the own factors; codes that come with it are shown. */
function useFactorChange<Input, Answer>(change: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (answer) => {
      if (typeof answer === 'object' && answer !== null && 'recoveryCodes' in answer)
        showFreshCodes(answer.recoveryCodes as readonly string[] | null);
    },
    onSettled: () => void readFactorsAnew(client),
  });
}

export function useChangePassword() {
  return useFactorChange((body: BodyInputOf<typeof accountsApi.changePassword>) =>
    call(accountsApi.changePassword, { body }),
  );
}

export function useAddTotp() {
  return useFactorChange((body: BodyInputOf<typeof accountsApi.addTotp>) => call(accountsApi.addTotp, { body }));
}

export function useRemoveTotp() {
  return useFactorChange(() => call(accountsApi.removeTotp, {}));
}

export function useAddPasskey() {
  return useFactorChange((body: { name: string; registration: PasskeyRegistration }) =>
    call(accountsApi.addPasskey, { body }),
  );
}

export function useRenamePasskey() {
  return useFactorChange(({ passkeyId, name }: { passkeyId: string; name: string }) =>
    call(accountsApi.renamePasskey, { params: { passkeyId }, body: { name } }),
  );
}

export function useRemovePasskey() {
  return useFactorChange((passkeyId: string) => call(accountsApi.removePasskey, { params: { passkeyId } }));
}

export function useNewRecoveryCodes() {
  return useFactorChange(() => call(accountsApi.newRecoveryCodes, {}));
}

/** A secret for an authenticator app; nothing is kept until it is confirmed with a code. */
export function useNewTotp() {
  return useMutation({ mutationFn: () => call(accountsApi.newTotp, {}) });
}

export function newPasskey() {
  return call(accountsApi.newPasskey, {});
}

export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (sessionId: string) => call(accountsApi.endSession, { params: { sessionId } }),
    onSettled: () => client.invalidateQueries({ queryKey: mySessionsQuery.queryKey }),
  });
}

export function useEndOtherSessions() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(accountsApi.endOtherSessions, {}),
    onSettled: () => client.invalidateQueries({ queryKey: mySessionsQuery.queryKey }),
  });
}

export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewToken) => call(tokensApi.create, { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: myTokensQuery.queryKey }),
  });
}

export function useDeleteToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (tokenId: string) => call(tokensApi.remove, { params: { tokenId } }),
    onSettled: () => client.invalidateQueries({ queryKey: myTokensQuery.queryKey }),
  });
}

export function useDismissNotice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (noticeId: string) => call(accountsApi.dismissNotice, { params: { noticeId } }),
    // Gone at once; what the panel says has the last word.
    onMutate: (noticeId) =>
      client.setQueryData(meQuery.queryKey, (me) =>
        me === undefined ? me : { ...me, notices: me.notices.filter(({ id }) => id !== noticeId) },
      ),
    onSettled: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });
}

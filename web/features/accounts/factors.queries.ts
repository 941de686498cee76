import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { accountsApi } from '#shared/accounts.ts';
import type { Proof } from '#shared/factors.ts';
import type { ResponseOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';
import { meQuery, useSetMe } from '../../api/session.ts';

export type Factors = ResponseOf<typeof accountsApi.factors>;
export type Passkey = Factors['passkeys'][number];

/** Read anew whenever a screen or the question asks: a factor may have been added elsewhere. */
export const factorsQuery = queryOptions({
  queryKey: ['factors'],
  queryFn: ({ signal }) => call(accountsApi.factors, { signal }),
  staleTime: 0,
});

/** A changed factor ends the elevation and may settle what was still owed: both stand in `me`. */
export async function readFactorsAnew(client: QueryClient): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: factorsQuery.queryKey }),
    client.invalidateQueries({ queryKey: meQuery.queryKey }),
    client.invalidateQueries({ queryKey: ['my-sessions'] }),
  ]);
}

export function useElevate() {
  const setMe = useSetMe();
  return useMutation({
    mutationFn: (proof: Proof) => call(accountsApi.elevate, { body: { proof } }),
    onSuccess: setMe,
  });
}

export function useEndElevation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(accountsApi.endElevation, {}),
    onSuccess: () =>
      client.setQueryData(meQuery.queryKey, (me) => (me === undefined ? me : { ...me, elevatedUntil: null })),
    onSettled: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });
}

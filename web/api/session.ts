import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Permission } from '#shared/access.ts';
import { accountsApi, type Me } from '#shared/accounts.ts';
import { call } from './client.ts';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => call(accountsApi.me, { signal }),
  staleTime: 5 * 60_000,
});

/** The signed-in person; only below the signed-in layout, which waits for it. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (data === undefined) throw new Error('useMe outside of the signed-in layout');
  return data;
}

/** Whether the person may do it; ask to disable a control, never to hide a failure. */
export function useCan(): (permission: Permission) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}

export function useSetMe(): (me: Me) => void {
  const client = useQueryClient();
  return (me) => client.setQueryData(meQuery.queryKey, me);
}

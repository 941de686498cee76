import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { auditApi } from '#shared/audit.ts';
import type { ResponseOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

export type AuditRow = ResponseOf<typeof auditApi.list>['items'][number];

export const auditPageSize = 50;

export function auditQuery({ page, action }: { readonly page: number; readonly action: string | null }) {
  return queryOptions({
    queryKey: ['audit', page, action],
    queryFn: ({ signal }) =>
      call(auditApi.list, {
        query: { page, pageSize: auditPageSize, ...(action === null ? {} : { action }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    // Every action writes a line: what was read a moment ago is old.
    staleTime: 0,
  });
}

import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query';
import { auditApi, type AuditRow } from '#shared/audit.ts';
import type { QueryInputOf } from '#shared/http.ts';
import { call, urlOf } from '../../api/client.ts';
import type { AuditSearch } from './audit-search.ts';
import { instantsOfDay } from './day-instants.ts';

export type { AuditRow };

export const auditPageSize = 50;

type Filter = Omit<QueryInputOf<typeof auditApi.export>, 'format'>;

/** The filter as the panel takes it; days are those of the reader's time zone (undefined: the browser's). */
export function auditFilterOf({ page: _page, from, to, ...rest }: AuditSearch, timeZone: string | undefined): Filter {
  return {
    ...rest,
    ...(from === undefined ? {} : { since: instantsOfDay(from, timeZone).since }),
    ...(to === undefined ? {} : { until: instantsOfDay(to, timeZone).until }),
  };
}

export function auditQuery(filter: Filter, page: number) {
  return queryOptions({
    queryKey: ['audit', filter, page],
    queryFn: ({ signal }) => call(auditApi.list, { query: { ...filter, page, pageSize: auditPageSize }, signal }),
    placeholderData: keepPreviousData,
    // Every action writes a line: what was read a moment ago is old.
    staleTime: 0,
  });
}

/** Where the browser fetches the filtered log as a file. */
export function auditExportUrl(filter: Filter, format: 'json' | 'csv'): string {
  return urlOf(auditApi.export, { query: { ...filter, format } });
}

export function useVerifyAudit() {
  return useMutation({ mutationFn: () => call(auditApi.verify, {}) });
}

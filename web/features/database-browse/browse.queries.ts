import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { databaseBrowseApi } from '#shared/database-browse.ts';
import { call } from '../../api/client.ts';

export type { DatabaseTable, TableCell, TablePage } from '#shared/database-browse.ts';

export function tablesQuery(databaseId: string) {
  return queryOptions({
    queryKey: ['databases', 'tables', databaseId],
    queryFn: ({ signal }) => call(databaseBrowseApi.tables, { params: { databaseId }, signal }),
  });
}

export type RowsPlace = { readonly table: string; readonly order: 'down' | 'up'; readonly after: string | null };

export function rowsQuery(databaseId: string, { table, order, after }: RowsPlace) {
  const query = { table, order, ...(after === null ? {} : { after }) };
  return queryOptions({
    queryKey: ['databases', 'rows', databaseId, table, order, after],
    queryFn: ({ signal }) => call(databaseBrowseApi.rows, { params: { databaseId }, query, signal }),
    // The page before stays until the next is here, but never that of another table.
    placeholderData: (before, beforeQuery) =>
      beforeQuery?.queryKey[3] === table ? keepPreviousData(before) : undefined,
    gcTime: 60_000,
  });
}

import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { databaseBrowseApi, type RowFilters } from '#shared/database-browse.ts';
import { databaseRowsApi, type RowValues } from '#shared/database-rows.ts';
import { call } from '../../api/client.ts';

export type {
  DatabaseTable,
  FilterOperator,
  RowFilters,
  TableCell,
  TableColumn,
  TablePage,
} from '#shared/database-browse.ts';
export type { TableRow } from '#shared/database-rows.ts';

export function tablesQuery(databaseId: string) {
  return queryOptions({
    queryKey: ['databases', 'tables', databaseId],
    queryFn: ({ signal }) => call(databaseBrowseApi.tables, { params: { databaseId }, signal }),
  });
}

export type RowsPlace = {
  readonly table: string;
  readonly order: 'down' | 'up';
  /** null: the key. */
  readonly sort: string | null;
  readonly filters: RowFilters;
  readonly after: string | null;
};

export function rowsQuery(databaseId: string, place: RowsPlace) {
  return queryOptions({
    queryKey: ['databases', 'rows', databaseId, place.table, place],
    queryFn: ({ signal }) => call(databaseBrowseApi.find, { params: { databaseId }, body: { ...place }, signal }),
    // The page before stays until the next is here, but never that of another table.
    placeholderData: (before, beforeQuery) =>
      beforeQuery?.queryKey[3] === place.table ? keepPreviousData(before) : undefined,
    gcTime: 60_000,
  });
}

/** As it was when it was opened: never read again behind what somebody is writing. */
export function rowQuery(databaseId: string, table: string, row: string) {
  return queryOptions({
    queryKey: ['databases', 'row', databaseId, table, row],
    queryFn: ({ signal }) => call(databaseRowsApi.read, { params: { databaseId }, query: { table, row }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

type Shown = { readonly table: string; readonly row: string; readonly version: string };
export type RowChange =
  | { readonly kind: 'insert'; readonly table: string; readonly values: RowValues }
  | (Shown & { readonly kind: 'update'; readonly values: RowValues })
  | (Shown & { readonly kind: 'delete' });

export function useChangeRow(databaseId: string) {
  const client = useQueryClient();
  const params = { databaseId };
  return useMutation({
    mutationFn: (change: RowChange) => {
      if (change.kind === 'insert') {
        const { table, values } = change;
        return call(databaseRowsApi.insert, { params, body: { table, values } });
      }
      const { table, row, version } = change;
      if (change.kind === 'delete') return call(databaseRowsApi.delete, { params, body: { table, row, version } });
      return call(databaseRowsApi.update, { params, body: { table, row, version, values: change.values } });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['databases', 'rows', databaseId] }),
  });
}

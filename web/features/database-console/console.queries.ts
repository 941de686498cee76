import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { databaseConsoleApi } from '#shared/database-console.ts';
import type { BodyInputOf } from '#shared/http.ts';
import { useEffect, useRef } from 'react';
import { call } from '../../api/client.ts';

export type { ConsoleAnswer, ConsoleEntry, ConsoleResult, ConsoleRows } from '#shared/database-console.ts';
export type ConsoleMode = 'read' | 'write';
export type Asked = BodyInputOf<typeof databaseConsoleApi.query> & { readonly mode: ConsoleMode };

const historyKey = (databaseId: string) => ['databases', 'console', databaseId];

export function historyQuery(databaseId: string) {
  return queryOptions({
    queryKey: historyKey(databaseId),
    queryFn: ({ signal }) => call(databaseConsoleApi.history, { params: { databaseId }, signal }),
  });
}

/** One statement at a time. Going away, and `cancel`, close its connection: then the server stops it. */
export function useStatement(databaseId: string) {
  const client = useQueryClient();
  const gone = useRef<AbortController>(undefined);
  const cancel = (): void => gone.current?.abort();
  useEffect(() => () => gone.current?.abort(), []);
  const run = useMutation({
    mutationFn: ({ mode, ...body }: Asked) => {
      gone.current = new AbortController();
      const operation = mode === 'read' ? databaseConsoleApi.query : databaseConsoleApi.execute;
      return call(operation, { params: { databaseId }, body, signal: gone.current.signal });
    },
    onSettled: (_, __, { mode }) => {
      void client.invalidateQueries({ queryKey: historyKey(databaseId) });
      if (mode === 'read') return;
      // A table may have come or gone, too.
      for (const what of ['tables', 'rows'])
        void client.invalidateQueries({ queryKey: ['databases', what, databaseId] });
    },
  });
  return { run, cancel, isCancelled: run.error instanceof DOMException && run.error.name === 'AbortError' };
}

export function useClearHistory(databaseId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call(databaseConsoleApi.clearHistory, { params: { databaseId } }),
    onSuccess: () => client.setQueryData(historyKey(databaseId), { items: [] }),
  });
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { terminalsApi } from '#shared/terminals.ts';
import { call } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';
import { forgetKey, keepKey } from './terminal-keys.ts';

/** Asked again: another window may open and close some. */
export const terminalsQuery = queryOptions({
  queryKey: ['terminals'],
  queryFn: ({ signal }) => call(terminalsApi.list, { signal }),
  refetchInterval: 10_000,
});

type List = ResponseOf<typeof terminalsApi.list>;

export function useOpenTerminal() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: BodyInputOf<typeof terminalsApi.open>) => {
      const { terminal, key } = await call(terminalsApi.open, { body });
      keepKey(terminal.id, key);
      return terminal;
    },
    onSuccess: (terminal) => {
      client.setQueryData<List>(terminalsQuery.queryKey, (before) =>
        before === undefined ? before : { ...before, items: [...before.items, terminal] },
      );
    },
  });
}

export function useCloseTerminal() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (terminalId: string) => {
      try {
        await call(terminalsApi.close, { params: { terminalId } });
      } catch (error) {
        // It has ended by itself meanwhile: as was wished.
        if (!(error instanceof ApiError) || error.code !== 'not_found') throw error;
      }
    },
    onSuccess: (_answer, terminalId) => {
      forgetKey(terminalId);
      client.setQueryData<List>(terminalsQuery.queryKey, (before) =>
        before === undefined ? before : { ...before, items: before.items.filter(({ id }) => id !== terminalId) },
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: terminalsQuery.queryKey }),
  });
}

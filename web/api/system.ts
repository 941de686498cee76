import { queryOptions } from '@tanstack/react-query';
import { systemApi } from '#shared/system.ts';
import { call } from './client.ts';

export const systemInfoQuery = queryOptions({
  queryKey: ['system', 'info'],
  queryFn: ({ signal }) => call(systemApi.info, { signal }),
  staleTime: 30_000,
});

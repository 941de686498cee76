import { queryOptions } from '@tanstack/react-query';
import { phpApi } from '#shared/php.ts';
import { call } from '../../api/client.ts';

/** Installed versions, newest first. */
export const phpVersionsQuery = queryOptions({
  queryKey: ['php', 'versions'],
  queryFn: ({ signal }) => call(phpApi.versions, { signal }),
});

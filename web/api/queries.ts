import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './errors.ts';

/** Errors that go away by themselves are tried again; what the panel refused is not. */
function isWorthRetrying(failureCount: number, error: unknown): boolean {
  return failureCount < 2 && error instanceof ApiError && (error.code === 'offline' || error.code === 'timeout');
}

/*
 * `always`: the panel may answer on a machine whose browser calls itself offline, and a change that waited for the
 * network would be carried out when nobody expects it any more.
 */
const networkMode = 'always';

/** One cache per page. Live events say what is stale, so data is kept longer than usual. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { networkMode, staleTime: 15_000, retry: isWorthRetrying, refetchOnWindowFocus: true },
    mutations: { networkMode, retry: false },
  },
});

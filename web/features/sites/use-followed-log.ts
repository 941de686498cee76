import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ResponseOf } from '#shared/http.ts';
import { sitesApi, type LogKind } from '#shared/sites.ts';
import { call, urlOf } from '../../api/client.ts';
import { useStream, type StreamState } from '../../api/stream.ts';
import { emptyLog, withPiece, type FollowedLog } from './log-lines.ts';

type LogChunk = ResponseOf<typeof sitesApi.followLog>;

/** The end of a site's log and what comes after it, live. One hook per log: give the component a key. */
export function useFollowedLog(
  siteId: string,
  kind: LogKind,
  { worker, instance = 1 }: { readonly worker?: string | undefined; readonly instance?: number },
): {
  readonly log: FollowedLog;
  readonly state: StreamState;
  /** The first piece has come. */
  readonly isRead: boolean;
  /** Why nothing comes; a stream itself never says. */
  readonly error: unknown;
} {
  const [log, setLog] = useState(emptyLog);
  const [isRead, setIsRead] = useState(false);
  const mayRepeat = useRef(true);
  const query = { worker, instance: instance === 1 ? undefined : instance };
  const url = urlOf(sitesApi.followLog, { params: { siteId, kind }, query });
  const state = useStream(url, ['log'], (_name, data) => {
    const isAgain = mayRepeat.current;
    mayRepeat.current = false;
    setIsRead(true);
    setLog((before) => withPiece(before, data as LogChunk, isAgain));
  });
  // A stream that was given back in a hidden tab begins anew with the end of the log.
  useEffect(() => {
    const onVisibility = (): void => {
      mayRepeat.current = true;
    };
    document.addEventListener('visibilitychange', onVisibility);
    return () => document.removeEventListener('visibilitychange', onVisibility);
  }, []);
  useEffect(() => {
    if (state === 'waiting') mayRepeat.current = true;
  }, [state]);
  const { error } = useQuery({
    queryKey: ['site-log', siteId, kind, worker, instance],
    queryFn: ({ signal }) => call(sitesApi.readLog, { params: { siteId, kind }, query, signal }),
    enabled: state === 'waiting' && !isRead,
    refetchInterval: 10_000,
    retry: false,
    gcTime: 0,
  });
  return { log, state, isRead, error };
}

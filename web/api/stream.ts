import { useEffect, useEffectEvent, useState } from 'react';

export type StreamState = 'connecting' | 'open' | 'waiting';

/** A hidden tab gives its connection back after this time: over plain HTTP a browser has six per host. */
const hiddenMs = 20_000;
const retryMs = [1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Server-sent events of one address while the component is shown; comes back by itself after a break. `url` null: none.
 * `events` names the events to listen to; `onEvent` gets the parsed data and the event's id.
 */
export function useStream(
  url: string | null,
  events: readonly string[],
  onEvent: (name: string, data: unknown, id: string) => void,
): StreamState {
  const [state, setState] = useState<StreamState>('connecting');
  const receive = useEffectEvent(onEvent);
  const names = events.join(',');

  useEffect(() => {
    if (url === null) return;
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let hide: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;

    const close = (): void => {
      clearTimeout(retry);
      source?.close();
      source = undefined;
    };
    const open = (): void => {
      close();
      source = new EventSource(url);
      source.addEventListener('open', () => {
        failures = 0;
        setState('open');
      });
      source.addEventListener('error', () => {
        setState('waiting');
        // The browser tries again by itself unless the answer was no stream at all.
        if (source?.readyState !== EventSource.CLOSED) return;
        const wait = retryMs[Math.min(failures, retryMs.length - 1)];
        failures += 1;
        retry = setTimeout(open, wait);
      });
      for (const name of names.split(',')) {
        source.addEventListener(name, (event: MessageEvent<string>) => {
          receive(name, JSON.parse(event.data) as unknown, event.lastEventId);
        });
      }
    };
    const onVisibility = (): void => {
      clearTimeout(hide);
      if (document.visibilityState === 'hidden') hide = setTimeout(close, hiddenMs);
      else if (source === undefined) open();
    };
    // The network went or came: an open connection may be dead without knowing it.
    const onNetwork = (): void => {
      if (source !== undefined || document.visibilityState === 'visible') open();
    };
    open();
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('online', onNetwork);
    window.addEventListener('offline', onNetwork);
    return () => {
      window.removeEventListener('online', onNetwork);
      window.removeEventListener('offline', onNetwork);
      document.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(hide);
      close();
    };
  }, [url, names]);

  return state;
}

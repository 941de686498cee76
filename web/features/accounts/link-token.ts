import { useEffect } from 'react';
import { createStore, useStore } from '../../layout/store.ts';

/** The one-time secret of the link that opened this page; lives in memory only. */
const token = createStore<string | null>(null);

/** The secret in a `#token=…`; null when there is none. */
export function tokenOf(hash: string): string | null {
  const value = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return value === null || value === '' || value.length > 200 ? null : value;
}

/** Takes the secret out of the address bar, so that neither the history nor a screenshot keeps it. */
function take(): void {
  const found = tokenOf(location.hash);
  if (found === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  token.set(found);
}

// With the page's code, before anything is drawn: the first picture is the right one already.
if (typeof location !== 'undefined') take();

/** The secret of the link, also when a new link is opened in this very tab. */
export function useLinkToken(): string | null {
  useEffect(() => {
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  return useStore(token);
}

/** The link was used or is void. */
export function forgetLinkToken(): void {
  token.set(null);
}

/** What the history shows, kept in its address. */
export type HistorySearch = { readonly site?: string };

/** Takes what fits from an address; the rest is left out. */
export function historySearch(raw: Record<string, unknown>): HistorySearch {
  const { site } = raw;
  return typeof site === 'string' && /^[a-z2-7]{16}$/.test(site) ? { site } : {};
}

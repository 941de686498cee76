export type BrowseSearch = { readonly table?: string };

/** Which table is open. */
export function browseSearch(raw: Record<string, unknown>): BrowseSearch {
  const table = raw['table'];
  return typeof table === 'string' && table !== '' && table.length <= 260 ? { table } : {};
}

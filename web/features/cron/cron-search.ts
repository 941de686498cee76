export const cronFilters = ['all', 'on', 'off', 'failed'] as const;
export type CronFilter = (typeof cronFilters)[number];
export type CronSearch = { readonly search?: string; readonly show?: CronFilter };

/** What the list is narrowed to. */
export function cronSearch(raw: Record<string, unknown>): CronSearch {
  const { search, show } = raw;
  const filter = cronFilters.find((each) => each === show);
  return {
    // A word of digits alone arrives as a number.
    ...((typeof search === 'string' || typeof search === 'number') && search !== ''
      ? { search: String(search).slice(0, 200) }
      : {}),
    ...(filter === undefined || filter === 'all' ? {} : { show: filter }),
  };
}

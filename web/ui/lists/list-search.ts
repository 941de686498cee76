export type SortOrder = 'asc' | 'desc';

/** What a list shows, kept in its address. */
export type ListSearch<S extends string> = {
  readonly search?: string;
  readonly sort?: S;
  readonly order?: SortOrder;
  /** From 2: the first is not said. */
  readonly page?: number;
};
/** `undefined` takes something out of the address. */
export type ListChange<S extends string> = { [K in keyof ListSearch<S>]?: ListSearch<S>[K] | undefined };

/** Takes what fits from an address; the rest is left out. */
export function listSearch<S extends string>(raw: Record<string, unknown>, sorts: readonly S[]): ListSearch<S> {
  const { search, page } = raw;
  const sort = sorts.find((each) => each === raw['sort']);
  const order = (['asc', 'desc'] as const).find((each) => each === raw['order']);
  return {
    // A word of digits alone arrives as a number.
    ...((typeof search === 'string' || typeof search === 'number') && search !== ''
      ? { search: String(search).slice(0, 200) }
      : {}),
    ...(sort === undefined ? {} : { sort }),
    ...(order === undefined ? {} : { order }),
    ...(typeof page === 'number' && Number.isInteger(page) && page > 1 && page < 100_000 ? { page } : {}),
  };
}

/** The address after a change: what is not set does not stand there, and another list begins at its first page. */
export function changedSearch<T extends object>(before: T, change: object): T {
  const all = { ...before, page: undefined, ...change };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== '')) as T;
}

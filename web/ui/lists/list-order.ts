import type { SortOrder } from './list-search.ts';

/** Of a list that comes whole. */
export const listPageSize = 50;

/** Another column begins in its own order; the same one turns round. */
export function nextOrder<S extends string>(
  wanted: S,
  now: { readonly sort: S; readonly order: SortOrder },
  firstOrder: (sort: S) => SortOrder,
): SortOrder {
  if (wanted !== now.sort) return firstOrder(wanted);
  return now.order === 'asc' ? 'desc' : 'asc';
}

export function ariaSort(order: SortOrder | null): 'ascending' | 'descending' | 'none' {
  return order === null ? 'none' : order === 'asc' ? 'ascending' : 'descending';
}

const texts = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** A new list by what each is by; what has nothing stands last in either order, and equal ones as they stood. */
export function inOrder<T>(items: readonly T[], valueOf: (item: T) => string | number | null, order: SortOrder): T[] {
  const sign = order === 'asc' ? 1 : -1;
  const valued = items.map((item) => ({ item, value: valueOf(item) }));
  valued.sort(({ value: one }, { value: other }) => {
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    const compared =
      typeof one === 'number' && typeof other === 'number' ? one - other : texts.compare(`${one}`, `${other}`);
    return sign * compared;
  });
  return valued.map(({ item }) => item);
}

/** The page of this number, or the last one there is. */
export function pageOf<T>(items: readonly T[], wanted = 1): { readonly page: number; readonly items: readonly T[] } {
  const page = Math.max(1, Math.min(wanted, Math.ceil(items.length / listPageSize)));
  return { page, items: items.slice((page - 1) * listPageSize, page * listPageSize) };
}

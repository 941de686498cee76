/*
 * The most frequent of any number of different keys, with room for a few (Space-Saving): as long as there are no more keys
 * than places, every count is exact; a stranger who sends a million different ones costs no memory.
 */

export const places = 200;

/** `over`: how much of the count may belong to keys that had the place before. */
type Place = { count: number; over: number };

export type TopList = Map<string, Place>;
/** As it is stored: key, count, over. */
export type StoredTop = readonly (readonly [string, number, number])[];

export function addToTop(list: TopList, key: string): void {
  const place = list.get(key);
  if (place !== undefined) {
    place.count++;
    return;
  }
  if (list.size < places) {
    list.set(key, { count: 1, over: 0 });
    return;
  }
  let leastKey = '';
  let least = Number.POSITIVE_INFINITY;
  for (const [other, { count }] of list)
    if (count < least) {
      least = count;
      leastKey = other;
    }
  list.delete(leastKey);
  list.set(key, { count: least + 1, over: least });
}

/** The first ones of several lists, by what is sure of each. */
export function topOf(lists: readonly TopList[], most: number): { key: string; requests: number }[] {
  const sums = new Map<string, number>();
  for (const list of lists)
    for (const [key, { count, over }] of list) sums.set(key, (sums.get(key) ?? 0) + count - over);
  return [...sums]
    .map(([key, requests]) => ({ key, requests }))
    .sort((one, other) => other.requests - one.requests || (one.key < other.key ? -1 : 1))
    .slice(0, most);
}

export function storeTop(list: TopList): StoredTop {
  return [...list].map(([key, { count, over }]) => [key, count, over] as const);
}

export function readTop(stored: StoredTop): TopList {
  return new Map(stored.map(([key, count, over]) => [key, { count, over }]));
}

import type { ConfigEntry } from './settings.queries.ts';

/** Somebody gave this value; it is no default. */
export function isSet({ source }: Pick<ConfigEntry, 'source'>): boolean {
  return source !== 'default' && source !== 'derived';
}

/** Length of a secret that has a value (`***(64)`); undefined for everything else. */
export function secretLength({ isSecret, value }: Pick<ConfigEntry, 'isSecret' | 'value'>): string | undefined {
  return isSecret ? /^\*+\((\d+)\)$/.exec(value)?.[1] : undefined;
}

export function findEntries(items: readonly ConfigEntry[], search: string, only: 'all' | 'set'): ConfigEntry[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter((entry) => {
    if (only === 'set' && !isSet(entry)) return false;
    const text = `${entry.key} ${entry.value} ${entry.source}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** As lines for a support request; secrets stay their length. */
export function textOfEntries(items: readonly ConfigEntry[]): string {
  return items.map(({ key, value, source }) => `${key}=${value}  # ${source}`).join('\n');
}

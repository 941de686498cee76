/** A folder that is open; the number is its own as long as it is open. */
export type FolderTab = { readonly id: number; readonly path: string };

/** As many as are kept. */
const mostTabs = 50;

/** What was kept with an entry of the browser's history; nothing of it is sent anywhere, nor put into a storage. */
export function keptTabs(kept: unknown): readonly FolderTab[] {
  return Array.isArray(kept) ? kept.filter(isTab).slice(0, mostTabs) : [];
}

function isTab(tab: unknown): tab is FolderTab {
  const { id, path } = Object(tab) as Partial<Record<keyof FolderTab, unknown>>;
  return Number.isSafeInteger(id) && typeof path === 'string';
}

/**
 * With the one that is shown, at its folder: going back opens closed ones again. One alone is no tab yet, and becomes whatever
 * is shown.
 */
export function withCurrent(tabs: readonly FolderTab[], current: FolderTab): readonly FolderTab[] {
  const known = tabs.find(({ id }) => id === current.id);
  if (known === undefined)
    return tabs.length < 2 ? [current] : [...tabs, current].toSorted((one, other) => one.id - other.id);
  return known.path === current.path ? tabs : tabs.map((tab) => (tab.id === current.id ? current : tab));
}

export function withNew(tabs: readonly FolderTab[], path: string): readonly FolderTab[] {
  return [...tabs, { id: Math.max(0, ...tabs.map(({ id }) => id)) + 1, path }];
}

/** The one that is shown when another is closed: the next one, else the one before it. */
export function besideOf(tabs: readonly FolderTab[], id: number): FolderTab | undefined {
  const at = tabs.findIndex((tab) => tab.id === id);
  return tabs[at + 1] ?? tabs[at - 1];
}

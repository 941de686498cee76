import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { besideOf, keptTabs, withCurrent, withNew, type FolderTab } from './folder-tabs.ts';

declare module '@tanstack/react-router' {
  interface HistoryState {
    folderTabs?: readonly FolderTab[];
  }
}

const route = getRouteApi('/signed-in/sites/$siteId/files');

/**
 * The folders that are open. The address names the one that is shown; all of them are kept with the entry of the history,
 * where they outlive a reload. `onLeave`: what belongs to the folder that was shown.
 */
export function useFolderTabs(onLeave: () => void) {
  const { path = '', tab: current = 0 } = route.useSearch();
  const navigate = route.useNavigate();
  const router = useRouter();
  const [tabs, setTabs] = useState(() => keptTabs(router.state.location.state.folderTabs));
  const known = withCurrent(tabs, { id: current, path });
  if (known !== tabs) setTabs(known);

  // What was selected in another folder is nothing here, however one came.
  useEffect(
    () =>
      router.history.subscribe(({ action: { type } }) => {
        if (type === 'BACK' || type === 'FORWARD' || type === 'GO') onLeave();
      }),
    [router, onLeave],
  );

  const goTo = useCallback(
    async ({ id, path: to }: FolderTab, folderTabs: readonly FolderTab[], replace: boolean): Promise<void> => {
      const search = { ...(to === '' ? {} : { path: to }), ...(id === 0 ? {} : { tab: id }) };
      await navigate({ search, replace, resetScroll: false, state: { folderTabs } });
    },
    [navigate],
  );
  const show = useCallback(
    (tab: FolderTab): void => {
      onLeave();
      void goTo(tab, tabs, false);
    },
    [goTo, onLeave, tabs],
  );

  return {
    path,
    tabs,
    current,
    show,
    go: useCallback((to: string) => show({ id: current, path: to }), [show, current]),
    /** Behind the one that is shown. */
    open: (folder: string): void => {
      const next = withNew(tabs, folder);
      setTabs(next);
      void goTo({ id: current, path }, next, true);
    },
    close: async (id: number): Promise<void> => {
      const beside = besideOf(tabs, id);
      if (beside === undefined) return;
      const next = tabs.filter((each) => each.id !== id);
      if (id === current) onLeave();
      // First away from it: what is shown is open.
      await goTo(id === current ? beside : { id: current, path }, next, true);
      setTabs(next);
    },
  };
}

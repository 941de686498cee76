import { createContext, useCallback, useContext, useMemo, useState } from 'react';

export type Chosen = {
  readonly ids: ReadonlySet<string>;
  readonly toggle: (siteId: string) => void;
  readonly choose: (siteIds: readonly string[]) => void;
};

const ChosenContext = createContext<Chosen | null>(null);
export const ChosenProvider = ChosenContext.Provider;

/** null: nobody chooses sites here. */
export function useChosen(): Chosen | null {
  return useContext(ChosenContext);
}

/** Which sites of the list are chosen; what is asked for next is about all of them. */
export function useChoice(): Chosen {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((siteId: string) => setIds((before) => before.symmetricDifference(new Set([siteId]))), []);
  const choose = useCallback((siteIds: readonly string[]) => setIds(new Set(siteIds)), []);
  return useMemo(() => ({ ids, toggle, choose }), [ids, toggle, choose]);
}

import { useState } from 'react';

const keyOf = (list: string): string => `aapanel.columns.${list}`;

/** Of what was stored, the columns that there are, in their order; all of them when nothing that fits was. */
export function columnsFrom<C extends string>(stored: string | null, offered: readonly C[]): readonly C[] {
  try {
    const names: unknown = JSON.parse(stored ?? 'null');
    return Array.isArray(names) ? offered.filter((each) => names.includes(each)) : offered;
  } catch {
    return offered;
  }
}

/** The columns that somebody left in a list; this browser keeps them. `offered` stays the same. */
export function useListColumns<C extends string>(
  list: string,
  offered: readonly C[],
): { readonly shown: readonly C[]; readonly choose: (columns: readonly C[]) => void } {
  const [shown, setShown] = useState(() => columnsFrom(read(list), offered));
  return {
    shown,
    choose(columns) {
      setShown(columns);
      try {
        localStorage.setItem(keyOf(list), JSON.stringify(columns));
      } catch {
        // Storage is full or forbidden: it is as usual the next time.
      }
    },
  };
}

function read(list: string): string | null {
  try {
    return localStorage.getItem(keyOf(list));
  } catch {
    return null;
  }
}

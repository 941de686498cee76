/** How the screen is shared: one terminal, two side by side, or one above the other. */
export const splits = ['none', 'beside', 'below'] as const;
export type Split = (typeof splits)[number];

export type Panes = {
  readonly split: Split;
  /** Which terminal was put into each; null: whichever is there. */
  readonly chosen: readonly [string | null, string | null];
  /** Where what is opened or chosen goes, and where keys go. */
  readonly active: 0 | 1;
};

export const onePane: Panes = { split: 'none', chosen: [null, null], active: 0 };

/** Which terminals are shown; never one twice. The second is undefined where there is but one. */
export function shownIn({ split, chosen }: Panes, ids: readonly string[]): readonly (string | undefined)[] {
  const first = ids.find((id) => id === chosen[0]) ?? ids.find((id) => split === 'none' || id !== chosen[1]);
  if (split === 'none' || first === undefined) return [first];
  const second = ids.find((id) => id === chosen[1] && id !== first) ?? ids.find((id) => id !== first);
  return [first, second];
}

/** Puts a terminal into the pane that is worked in; one that the other pane shows is gone to instead. */
export function choose(panes: Panes, id: string, ids: readonly string[]): Panes {
  const shown = shownIn(panes, ids);
  const at = shown.indexOf(id);
  const [first = null, second = null] = shown;
  if (at === 0 || at === 1) return { ...panes, chosen: [first, second], active: at };
  return { ...panes, chosen: panes.active === 0 ? [id, second] : [first, id] };
}

/** The next way of sharing the screen; the terminal that is worked in stays in sight. */
export function withSplit(panes: Panes, split: Split, ids: readonly string[]): Panes {
  const shown = shownIn(panes, ids);
  if (split === 'none') return { split, chosen: [shown[panes.active] ?? shown[0] ?? null, null], active: 0 };
  return { ...panes, split, chosen: [shown[0] ?? null, shown[1] ?? null] };
}

/** Alt and Shift with an arrow goes to the other pane, with S to the next way of sharing the screen. */
export function paneKey({
  altKey,
  shiftKey,
  ctrlKey,
  metaKey,
  code,
}: Pick<KeyboardEvent, 'altKey' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'code'>): 'other' | 'split' | undefined {
  if (!altKey || !shiftKey || ctrlKey || metaKey) return undefined;
  if (code === 'KeyS') return 'split';
  return code.startsWith('Arrow') ? 'other' : undefined;
}

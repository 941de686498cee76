import { useDirection } from '@mantine/core';
import { useEffect, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { FileEntry } from '#shared/files.ts';
import type { FileCommands } from './file-commands.ts';
import { joinPath, parentOf } from './file-paths.ts';
import type { FolderEntries } from './use-folder-entries.ts';

export type Selected = ReadonlyMap<string, FileEntry>;
type Point = { readonly x: number; readonly y: number };

type Choice = Pick<FolderEntries, 'entryAt' | 'known' | 'scrollTo' | 'total'> & {
  /** The folder. */
  readonly path: string;
  readonly columns: number;
  /** Lines that Page Up and Page Down go over. */
  readonly leap: number;
  readonly selected: Selected;
  readonly onSelect: (selected: Selected) => void;
  readonly onGo: (path: string) => void;
  readonly commands: FileCommands;
};

const idOfEntry = (index: number): string => `file-${index}`;

/** Of a line or a tile: by them mouse and keyboard find it. They stay the same while others come into sight. */
export const entryProps = (index: number, isSelected: boolean, isActive: boolean) => ({
  id: idOfEntry(index),
  'data-entry': index,
  'aria-selected': isSelected,
  'data-active': isActive || undefined,
});

/** The entry that the pointer is at, and of it the tick (`tick`), the name of a folder (`open`) or the rest. */
function hitOf({ target }: MouseEvent) {
  const at = target instanceof Element ? target : null;
  const index = at?.closest('[data-entry]')?.getAttribute('data-entry');
  return {
    index: index === null || index === undefined ? null : Number(index),
    part: at?.closest('[data-part]')?.getAttribute('data-part') ?? null,
  };
}

/**
 * What is selected and where one is, by mouse and keyboard: the same for lines and for tiles. What holds all of them hears
 * for all, so that none is drawn anew when another one changes.
 */
export function useFileChoice(choice: Choice) {
  const { path, total, columns, leap, entryAt, known, scrollTo, selected, onSelect, onGo, commands } = choice;
  const isRtl = useDirection().dir === 'rtl';
  const [active, setActive] = useState(0);
  const [anchor, setAnchor] = useState(0);
  const [menuAt, setMenuAt] = useState<Point | null>(null);
  /** Gone to before its page had come. */
  const [awaited, setAwaited] = useState<number | null>(null);
  const arrived = awaited === null ? undefined : entryAt(awaited);
  useEffect(() => {
    if (arrived !== undefined) onSelect(new Map([[arrived.name, arrived]]));
  }, [arrived, onSelect]);

  function choose(index: number, how: 'one' | 'toggle' | 'range'): void {
    const entry = entryAt(index);
    setActive(index);
    if (how !== 'range') setAnchor(index);
    setAwaited(entry === undefined && how === 'one' ? index : null);
    if (entry === undefined) return;
    if (how === 'one') return onSelect(new Map([[entry.name, entry]]));
    const next = new Map(selected);
    if (how === 'toggle') {
      if (!next.delete(entry.name)) next.set(entry.name, entry);
    } else
      for (let each = Math.min(anchor, index); each <= Math.max(anchor, index); each++) {
        const between = entryAt(each);
        if (between !== undefined) next.set(between.name, between);
      }
    onSelect(next);
  }

  function open(entry: FileEntry | undefined): void {
    if (entry?.type === 'folder') onGo(joinPath(path, entry.name));
    else if (entry?.type === 'file') commands.open(entry.name);
    else if (entry !== undefined) commands.mode();
  }

  function openInTab(entry: FileEntry | undefined): void {
    if (entry?.type === 'folder') commands.openTab(joinPath(path, entry.name));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const isCommand = event.ctrlKey || event.metaKey;
    const move = (to: number): void => {
      const index = Math.max(0, Math.min(total - 1, to));
      choose(index, event.shiftKey ? 'range' : 'one');
      scrollTo(index);
    };
    /** The first step is onto where one is. */
    const forward = (by: number): void => move(selected.size === 0 ? active : active + by);
    const isLastLine = Math.floor(active / columns) === Math.floor((total - 1) / columns);
    const down = (by: number): void => (isLastLine ? move(active) : forward(by));
    const up = (by: number): void => move(Math.max(active % columns, active - by));
    const [towards, back] = isRtl ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];
    const byKey: Record<string, () => unknown> = {
      ArrowDown: () => down(columns),
      ArrowUp: () => up(columns),
      ...(columns > 1 ? { [towards]: () => forward(1), [back]: () => move(active - 1) } : {}),
      Home: () => move(0),
      End: () => move(total - 1),
      PageDown: () => down(leap * columns),
      PageUp: () => up(leap * columns),
      Enter: () => open(entryAt(active)),
      Backspace: () => path !== '' && onGo(parentOf(path)),
      Escape: () => onSelect(new Map()),
      ' ': () => choose(active, 'toggle'),
      ...(commands.canWrite ? { F2: commands.rename, Delete: commands.remove } : {}),
    };
    const byCommand: Record<string, () => unknown> = {
      KeyA: () => onSelect(new Map(known().map((entry) => [entry.name, entry]))),
      Enter: () => openInTab(entryAt(active)),
      ...(commands.canWrite
        ? { KeyC: () => commands.hold('copy'), KeyX: () => commands.hold('move'), KeyV: commands.paste }
        : {}),
    };
    // By the place of the key: with an Arabic layout it bears another letter.
    const act = isCommand ? byCommand[event.code] : byKey[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  function onClick(event: MouseEvent): void {
    const { index, part } = hitOf(event);
    if (index === null) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (part === 'open' && !event.shiftKey) return isCommand ? openInTab(entryAt(index)) : open(entryAt(index));
    choose(index, part === 'tick' || isCommand ? 'toggle' : event.shiftKey ? 'range' : 'one');
  }

  function onDoubleClick(event: MouseEvent): void {
    const { index, part } = hitOf(event);
    if (index !== null && part !== 'tick') open(entryAt(index));
  }

  /** The middle button. */
  function onAuxClick(event: MouseEvent): void {
    const { index } = hitOf(event);
    if (index !== null && event.button === 1) openInTab(entryAt(index));
  }

  /** The menu key opens it at where one is. */
  function onContextMenu(event: MouseEvent): void {
    const { index } = hitOf(event);
    event.preventDefault();
    const place = document.getElementById(idOfEntry(active))?.getBoundingClientRect();
    const byKey = index === null && event.button !== 2 && place !== undefined;
    setMenuAt(byKey ? { x: place.left + place.width / 2, y: place.top + 24 } : { x: event.clientX, y: event.clientY });
    const at = index ?? active;
    const entry = entryAt(at);
    if (entry !== undefined && !selected.has(entry.name) && (index !== null || byKey)) choose(at, 'one');
  }

  return {
    active,
    isSelected: (entry: FileEntry | undefined): boolean => entry !== undefined && selected.has(entry.name),
    menuAt,
    closeMenu: () => setMenuAt(null),
    /** Of what holds all entries: it has the focus, and tells by its active descendant where one is. */
    gridProps: {
      tabIndex: 0,
      'aria-multiselectable': true,
      'aria-activedescendant': idOfEntry(active),
      onKeyDown,
      onClick,
      onDoubleClick,
      onAuxClick,
      onContextMenu,
      // The middle button would begin to scroll.
      onMouseDown: (event: MouseEvent) => event.button === 1 && event.preventDefault(),
    },
  };
}

export type FileChoice = ReturnType<typeof useFileChoice>;

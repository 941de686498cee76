import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { filesPageSize } from '#shared/files.ts';
import { filePageQuery } from './files.queries.ts';
import { treeLines, waysTo, type Loaded } from './folder-tree.ts';

/** Folders that are open, each with how many pages of it are asked for. */
type Open = ReadonlyMap<string, number>;

/**
 * The folders of a site as a tree. Of each that is open its first pages are read, as the list does, and until something comes
 * that is no folder: folders stand before everything else.
 */
export function useFolderTree(siteId: string, current: string, showsHidden: boolean) {
  const [open, setOpen] = useState<Open>(new Map());
  const [followed, setFollowed] = useState<string | null>(null);
  if (followed !== current) {
    setFollowed(current);
    setOpen(new Map([...[...waysTo(current), ''].map((path) => [path, 1] as const), ...open]));
  }
  const asked = [...open].flatMap(([path, pages]) => Array.from({ length: pages }, (_, page) => ({ path, page })));
  const answers = useQueries({
    queries: asked.map(({ path, page }) =>
      filePageQuery(siteId, { path, sort: 'name', isDescending: false, showsHidden, filter: '' }, page),
    ),
  });
  const loaded = new Map<string, Loaded>([...open.keys()].map((path) => [path, loadedOf(path)]));

  function loadedOf(path: string): Loaded {
    const mine = answers.filter((_, index) => asked[index]?.path === path);
    const entries = mine.flatMap(({ data }) => data?.entries ?? []);
    const isFolderLast = entries.at(-1)?.type === 'folder';
    const total = mine[0]?.data?.total ?? 0;
    return {
      names: entries.flatMap(({ name, type }) => (type === 'folder' ? [name] : [])),
      hasMore: isFolderLast && total > mine.length * filesPageSize,
      state: mine.some(({ isLoading }) => isLoading)
        ? 'loading'
        : mine.some(({ data }) => data === undefined)
          ? 'failed'
          : 'there',
    };
  }

  return {
    lines: treeLines(loaded, current),
    setIsOpen(path: string, isOpen: boolean): void {
      const next = new Map(open);
      if (isOpen) next.set(path, next.get(path) ?? 1);
      else next.delete(path);
      setOpen(next);
    },
    askMore(path: string): void {
      setOpen(new Map([...open, [path, (open.get(path) ?? 0) + 1]]));
    },
    askAgain(path: string): void {
      for (const [index, answer] of answers.entries())
        if (asked[index]?.path === path && answer.error !== null) void answer.refetch();
    },
  };
}

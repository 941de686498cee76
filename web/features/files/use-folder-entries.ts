import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { filesPageSize, type FileEntry } from '#shared/files.ts';
import { filePageQuery, type Listing } from './files.queries.ts';

type Lines = {
  /** Entries beside each other. */
  readonly columns: number;
  /** In pixels. */
  readonly lineHeight: number;
  /** Lines drawn before they are in sight. */
  readonly overscan: number;
};

/** A folder of any size: only the pages in sight are asked for, only the lines in sight are in the document. */
export function useFolderEntries(siteId: string, listing: Listing, { columns, lineHeight, overscan }: Lines) {
  const body = useRef<HTMLElement>(null);
  const [top, setTop] = useState(0);
  const first = useQuery({ ...filePageQuery(siteId, listing, 0), placeholderData: keepPreviousData });
  const total = first.data?.total ?? 0;
  const virtual = useWindowVirtualizer({
    count: Math.ceil(total / columns),
    estimateSize: () => lineHeight,
    overscan,
    scrollMargin: top,
    // Under the bar at the top nobody sees anything.
    scrollPaddingStart: 72,
    scrollPaddingEnd: 16,
    useFlushSync: false,
  });
  const isThere = first.data !== undefined;
  useLayoutEffect(() => {
    if (!isThere) return;
    const measure = (): void => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, [isThere]);
  // Heights that are known already are not asked for again.
  useLayoutEffect(() => virtual.measure(), [virtual, lineHeight]);
  const lines = virtual.getVirtualItems();
  const pageOf = (line: number): number => Math.floor((line * columns) / filesPageSize);
  const firstPage = pageOf(lines[0]?.index ?? 0);
  const lastPage = Math.floor((((lines.at(-1)?.index ?? 0) + 1) * columns - 1) / filesPageSize);
  const numbers = Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index).filter(
    (page) => page > 0 && page * filesPageSize < total,
  );
  const pages = useQueries({ queries: numbers.map((page) => filePageQuery(siteId, listing, page)) });
  return {
    body,
    first,
    total,
    /** Indexes of the lines that are drawn. */
    lines: lines.map(({ index }) => index),
    /** In pixels, of what is not drawn. */
    before: (lines[0]?.start ?? top) - top,
    after: Math.max(0, virtual.getTotalSize() - ((lines.at(-1)?.end ?? top) - top)),
    entryAt: (index: number): FileEntry | undefined => {
      const page = Math.floor(index / filesPageSize);
      const data = page === 0 ? first.data : pages[numbers.indexOf(page)]?.data;
      return data?.entries[index % filesPageSize];
    },
    /** Of the pages in sight. */
    known: (): FileEntry[] => [...(first.data?.entries ?? []), ...pages.flatMap(({ data }) => data?.entries ?? [])],
    scrollTo: (index: number): void => virtual.scrollToIndex(Math.floor(index / columns)),
  };
}

export type FolderEntries = ReturnType<typeof useFolderEntries>;

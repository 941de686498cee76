import { Checkbox, Menu } from '@mantine/core';
import {
  IconAlertTriangle,
  IconChevronDown,
  IconChevronUp,
  IconFile,
  IconFilterOff,
  IconFolder,
  IconFolderFilled,
  IconLink,
  IconPlug,
} from '@tabler/icons-react';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { filesPageSize, fileSorts, type FileEntry, type FileSort } from '#shared/files.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { joinPath, modeText, parentOf } from './file-paths.ts';
import { filePageQuery, type Listing } from './files.queries.ts';
import classes from './Files.module.css';
import type { FileCommands } from './SiteFiles.tsx';

const rowHeight = 41;

type FilesTableProps = {
  readonly siteId: string;
  readonly listing: Listing;
  readonly onSort: (sort: FileSort) => void;
  readonly selected: ReadonlyMap<string, FileEntry>;
  readonly onSelect: (selected: ReadonlyMap<string, FileEntry>) => void;
  readonly onGo: (path: string) => void;
  readonly commands: FileCommands;
};

/** A folder of any size: only the pages in sight are asked for, only the lines in sight are in the document. */
export function FilesTable({ siteId, listing, onSort, selected, onSelect, onGo, commands }: FilesTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  const [anchor, setAnchor] = useState(0);
  const [menu, setMenu] = useState<{ readonly x: number; readonly y: number } | null>(null);
  const first = useQuery({ ...filePageQuery(siteId, listing, 0), placeholderData: keepPreviousData });
  const total = first.data?.total ?? 0;
  const virtual = useWindowVirtualizer({
    count: total,
    estimateSize: () => rowHeight,
    overscan: 15,
    scrollMargin: top,
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
  const rows = virtual.getVirtualItems();
  const lastPage = Math.floor((rows.at(-1)?.index ?? 0) / filesPageSize);
  const firstPage = Math.floor((rows[0]?.index ?? 0) / filesPageSize);
  const numbers = Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index).filter(
    (page) => page > 0,
  );
  const pages = useQueries({ queries: numbers.map((page) => filePageQuery(siteId, listing, page)) });
  const entryAt = (index: number): FileEntry | undefined => {
    const page = Math.floor(index / filesPageSize);
    const data = page === 0 ? first.data : pages[numbers.indexOf(page)]?.data;
    return data?.entries[index % filesPageSize];
  };

  function choose(index: number, how: 'one' | 'toggle' | 'range'): void {
    const entry = entryAt(index);
    setActive(index);
    if (how !== 'range') setAnchor(index);
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
    if (entry?.type === 'folder') onGo(joinPath(listing.path, entry.name));
    else if (entry?.type === 'file') commands.open(entry.name);
    else if (entry !== undefined) commands.mode();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const isCommand = event.ctrlKey || event.metaKey;
    const move = (to: number): void => {
      const index = Math.max(0, Math.min(total - 1, to));
      choose(index, event.shiftKey ? 'range' : 'one');
      virtual.scrollToIndex(index);
    };
    const byKey: Record<string, () => unknown> = {
      ArrowDown: () => move(selected.size === 0 ? active : active + 1),
      ArrowUp: () => move(active - 1),
      Home: () => move(0),
      End: () => move(total - 1),
      PageDown: () => move(active + 15),
      PageUp: () => move(active - 15),
      Enter: () => open(entryAt(active)),
      Backspace: () => listing.path !== '' && onGo(parentOf(listing.path)),
      Escape: () => onSelect(new Map()),
      ' ': () => choose(active, 'toggle'),
      ...(commands.canWrite ? { F2: commands.rename, Delete: commands.remove } : {}),
    };
    const byCommand: Record<string, () => unknown> = {
      KeyA: () => onSelect(new Map(allKnown().map((entry) => [entry.name, entry]))),
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

  const allKnown = (): FileEntry[] => [
    ...(first.data?.entries ?? []),
    ...pages.flatMap(({ data }) => data?.entries ?? []),
  ];

  function onRowClick(event: MouseEvent, index: number): void {
    choose(index, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one');
  }

  if (!isThere)
    return (
      <Section padding="flush">
        {first.error === null ? (
          <LoadingRows rows={9} />
        ) : (
          <ErrorState error={first.error} onRetry={() => void first.refetch()} />
        )}
      </Section>
    );
  const before = (rows[0]?.start ?? top) - top;
  const after = Math.max(0, virtual.getTotalSize() - ((rows.at(-1)?.end ?? top) - top));
  return (
    <>
      <p className={`${classes.total} numbers`} role="status">
        {selected.size > 0
          ? t('files.selected', { count: selected.size, value: format.number(selected.size) })
          : t('files.count', { count: total, value: format.number(total) })}
        {(first.data?.hidden ?? 0) > 0 &&
          ` · ${t('files.hidden', { count: first.data?.hidden ?? 0, value: format.number(first.data?.hidden ?? 0) })}`}
      </p>
      <Section padding="flush">
        {total === 0 ? (
          listing.filter === '' ? (
            <EmptyState icon={IconFolder} title={t('files.empty')} />
          ) : (
            <EmptyState icon={IconFilterOff} title={t('files.noMatch')} />
          )
        ) : (
          <table
            className={classes.table}
            role="grid"
            aria-label={t('files.list')}
            aria-multiselectable
            aria-rowcount={total + 1}
            tabIndex={0}
            aria-activedescendant={`file-${active}`}
            onKeyDown={onKeyDown}
          >
            <thead>
              <tr>
                <td />
                {fileSorts.map((sort) => (
                  <th
                    key={sort}
                    scope="col"
                    data-column={sort}
                    aria-sort={listing.sort === sort ? (listing.isDescending ? 'descending' : 'ascending') : 'none'}
                  >
                    <button type="button" className={classes.sort} tabIndex={-1} onClick={() => onSort(sort)}>
                      {t(`files.columns.${sort}`)}
                      {listing.sort === sort &&
                        (listing.isDescending ? <IconChevronDown size={14} /> : <IconChevronUp size={14} />)}
                    </button>
                  </th>
                ))}
                <th scope="col" data-column="mode">
                  {t('files.columns.mode')}
                </th>
                <th scope="col" data-column="owner">
                  {t('files.columns.owner')}
                </th>
              </tr>
            </thead>
            <tbody ref={body}>
              {before > 0 && (
                <tr aria-hidden>
                  <td style={{ height: before, padding: 0 }} />
                </tr>
              )}
              {rows.map(({ index }) => {
                const entry = entryAt(index);
                return (
                  <tr
                    key={index}
                    id={`file-${index}`}
                    aria-rowindex={index + 2}
                    aria-selected={entry !== undefined && selected.has(entry.name)}
                    data-active={index === active || undefined}
                    className={classes.row}
                    onClick={(event) => onRowClick(event, index)}
                    onDoubleClick={() => open(entry)}
                    onContextMenu={(event) => {
                      event.preventDefault();
                      if (entry !== undefined && !selected.has(entry.name)) choose(index, 'one');
                      setMenu({ x: event.clientX, y: event.clientY });
                    }}
                  >
                    {entry === undefined ? (
                      <td colSpan={6} />
                    ) : (
                      <Line
                        entry={entry}
                        isSelected={selected.has(entry.name)}
                        onToggle={() => choose(index, 'toggle')}
                        onOpen={() => open(entry)}
                      />
                    )}
                  </tr>
                );
              })}
              {after > 0 && (
                <tr aria-hidden>
                  <td style={{ height: after, padding: 0 }} />
                </tr>
              )}
            </tbody>
          </table>
        )}
      </Section>
      {menu !== null && <ContextMenu at={menu} commands={commands} onClose={() => setMenu(null)} />}
    </>
  );
}

const icons = { file: IconFile, folder: IconFolderFilled, link: IconLink, special: IconPlug } as const;

type LineProps = {
  readonly entry: FileEntry;
  readonly isSelected: boolean;
  readonly onToggle: () => void;
  readonly onOpen: () => void;
};

function Line({ entry, isSelected, onToggle, onOpen }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, type, sizeBytes, modifiedAt, mode, owner, target } = entry;
  const TypeIcon = icons[type];
  return (
    <>
      <td
        className={classes.tick}
        onClick={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <Checkbox
          size="xs"
          tabIndex={-1}
          checked={isSelected}
          onChange={onToggle}
          aria-label={t('files.select', { name })}
        />
      </td>
      <td data-column="name">
        <span className={classes.name}>
          <TypeIcon size={18} className={classes.icon} data-type={type} aria-label={t(`files.types.${type}`)} />
          {type === 'folder' ? (
            <button
              type="button"
              tabIndex={-1}
              className={classes.open}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.stopPropagation();
                onOpen();
              }}
            >
              <ForeignText max={120}>{name}</ForeignText>
            </button>
          ) : (
            <ForeignText max={120}>{name}</ForeignText>
          )}
          {target !== null && (
            <span className={classes.target}>
              <span aria-hidden>→ </span>
              <ForeignText max={60}>{target}</ForeignText>
            </span>
          )}
          {mode & 0o002 && type !== 'link' ? (
            <IconAlertTriangle size={15} className={classes.warn} aria-label={t('files.anyoneWrites')} />
          ) : null}
        </span>
      </td>
      <td data-column="size" className="numbers">
        {type === 'file' ? format.bytes(sizeBytes) : '—'}
      </td>
      <td data-column="modified" className="numbers">
        {format.dateTime(modifiedAt)}
      </td>
      <td data-column="mode">
        <code dir="ltr">{modeText(mode)}</code>
      </td>
      <td data-column="owner">
        <ForeignText max={32}>{owner}</ForeignText>
      </td>
    </>
  );
}

type ContextMenuProps = {
  readonly at: { readonly x: number; readonly y: number };
  readonly commands: FileCommands;
  readonly onClose: () => void;
};

function ContextMenu({ at, commands, onClose }: ContextMenuProps) {
  const { t } = useTranslation();
  const { canWrite, count, held } = commands;
  return (
    <Menu opened onClose={onClose} position="bottom-start" withinPortal>
      <Menu.Target>
        <span className={classes.point} style={{ top: at.y, left: at.x }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={!commands.isFile} onClick={commands.edit}>
          {t(commands.isArchive ? 'files.archive.open' : 'files.edit')}
        </Menu.Item>
        <Menu.Item disabled={!commands.isFile} onClick={commands.download}>
          {t('files.download')}
        </Menu.Item>
        <Menu.Item disabled={!commands.isFile} onClick={commands.share}>
          {t('fileLinks.share')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite || count !== 1} onClick={commands.rename}>
          {t('files.rename')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite} onClick={() => commands.hold('move')}>
          {t('files.cut')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite} onClick={() => commands.hold('copy')}>
          {t('files.copy')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite || held === null} onClick={commands.paste}>
          {t('files.paste')}
        </Menu.Item>
        <Menu.Item disabled={!canWrite} onClick={commands.pack}>
          {t('files.archive.pack')}
        </Menu.Item>
        <Menu.Item onClick={commands.mode}>{t('files.mode')}</Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" disabled={!canWrite} onClick={commands.remove}>
          {t('files.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

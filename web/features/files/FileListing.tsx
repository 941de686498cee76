import { SegmentedControl } from '@mantine/core';
import { IconFilterOff, IconFolder, IconLayoutGrid, IconList } from '@tabler/icons-react';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import type { FileCommands } from './file-commands.ts';
import { FileMenu } from './FileMenu.tsx';
import type { FileOrder, Listing } from './files.queries.ts';
import type { FilesLook } from './files-look.ts';
import { FilesGrid } from './FilesGrid.tsx';
import { FilesTable } from './FilesTable.tsx';
import { OrderMenu } from './OrderMenu.tsx';
import classes from './Files.module.css';
import { useFileChoice, type Selected } from './use-file-choice.ts';
import { useFolderEntries } from './use-folder-entries.ts';

type View = FilesLook['view'];

/** In pixels. The lines of the grid with what is between them, as FilesGrid.module.css has them. */
const sizes = {
  list: { lineHeight: 41, overscan: 15, leap: 15 },
  grid: { lineHeight: 166, overscan: 2, leap: 4 },
} as const;
const tile = { gap: 8, padding: 12 };

/** As many tiles as fit, and as much of a name as two lines of one hold. */
function tilesIn(width: number): { readonly columns: number; readonly nameLength: number } {
  const isPhone = width < 480;
  const least = (isPhone ? 98 : 136) + tile.gap;
  return {
    columns: Math.max(2, Math.floor((width - 2 * tile.padding + tile.gap) / least)),
    nameLength: isPhone ? 24 : 38,
  };
}

type FileListingProps = {
  readonly siteId: string;
  readonly listing: Listing;
  readonly onOrder: (order: FileOrder) => void;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly selected: Selected;
  readonly onSelect: (selected: Selected) => void;
  readonly onGo: (path: string) => void;
  readonly commands: FileCommands;
};

/** What is in a folder, in lines or as tiles: one and the same selection, menu and keyboard. */
export function FileListing(props: FileListingProps) {
  const { siteId, listing, onOrder, view, onView, selected, onSelect, onGo, commands } = props;
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const tiles = tilesIn(width);
  const columns = view === 'grid' ? tiles.columns : 1;
  const entries = useFolderEntries(siteId, listing, { columns, ...sizes[view] });
  const { leap } = sizes[view];
  const choice = useFileChoice({
    path: listing.path,
    columns,
    leap,
    ...entries,
    selected,
    onSelect,
    onGo,
    commands,
  });
  const { first, total } = entries;
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = (): void => setWidth(element.clientWidth);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const { scrollTo } = entries;
  const drawn = useRef(view);
  useLayoutEffect(() => {
    if (drawn.current === view) return;
    drawn.current = view;
    // What one was at is looked at in the other view too.
    if (choice.active > 0) scrollTo(choice.active);
  }, [view, scrollTo, choice.active]);
  return (
    <div ref={frame}>
      <Summary
        total={first.data?.total}
        hidden={first.data?.hidden ?? 0}
        selected={selected.size}
        {...{ listing, onOrder, view, onView }}
      />
      <Section padding="flush">
        {first.data === undefined ? (
          first.error === null ? (
            <LoadingRows rows={9} />
          ) : (
            <ErrorState error={first.error} onRetry={() => void first.refetch()} />
          )
        ) : total === 0 ? (
          listing.filter === '' ? (
            <EmptyState icon={IconFolder} title={t('files.empty')} />
          ) : (
            <EmptyState icon={IconFilterOff} title={t('files.noMatch')} />
          )
        ) : view === 'grid' ? (
          <FilesGrid {...{ siteId, listing, entries, choice, ...tiles }} />
        ) : (
          <FilesTable {...{ listing, entries, choice, onOrder }} />
        )}
      </Section>
      {choice.menuAt !== null && <FileMenu at={choice.menuAt} commands={commands} onClose={choice.closeMenu} />}
    </div>
  );
}

type SummaryProps = Pick<FileListingProps, 'listing' | 'onOrder' | 'view' | 'onView'> & {
  /** Undefined until it is known. */
  readonly total: number | undefined;
  readonly hidden: number;
  readonly selected: number;
};

/** How many there are, and how they are shown. */
const Summary = memo(function Summary({ total, hidden, selected, listing, onOrder, view, onView }: SummaryProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.summary}>
      <p className={`${classes.total} numbers`} role="status">
        {total !== undefined &&
          (selected > 0
            ? t('files.selected', { count: selected, value: format.number(selected) })
            : t('files.count', { count: total, value: format.number(total) }))}
        {hidden > 0 && ` · ${t('files.hidden', { count: hidden, value: format.number(hidden) })}`}
      </p>
      <OrderMenu order={listing} onOrder={onOrder} />
      <SegmentedControl
        size="xs"
        value={view}
        onChange={(value) => onView(value === 'grid' ? 'grid' : 'list')}
        aria-label={t('files.view')}
        data={[
          { value: 'list', label: <ViewSign icon={IconList} label={t('files.asList')} /> },
          { value: 'grid', label: <ViewSign icon={IconLayoutGrid} label={t('files.asGrid')} /> },
        ]}
      />
    </div>
  );
});

function ViewSign({ icon: SignIcon, label }: { readonly icon: typeof IconList; readonly label: string }) {
  return (
    <span className={classes.view} title={label}>
      <SignIcon size={16} aria-hidden />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

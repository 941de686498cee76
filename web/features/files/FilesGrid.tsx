import { IconMessage2 } from '@tabler/icons-react';
import { memo, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileEntry } from '#shared/files.ts';
import { useFormat } from '../../ui/format.ts';
import { FileName, OpenToAll } from './FileName.tsx';
import { inMiddle, joinPath } from './file-paths.ts';
import { FileThumbnail } from './FileThumbnail.tsx';
import { FileTick } from './FileTick.tsx';
import type { Listing } from './files.queries.ts';
import classes from './FilesGrid.module.css';
import { entryProps, type FileChoice } from './use-file-choice.ts';
import type { FolderEntries } from './use-folder-entries.ts';

type FilesGridProps = {
  readonly siteId: string;
  readonly listing: Listing;
  readonly columns: number;
  /** Characters; longer names are cut in the middle. */
  readonly nameLength: number;
  readonly entries: FolderEntries;
  readonly choice: FileChoice;
};

/** A tile for each entry. */
export function FilesGrid({ siteId, listing, columns, nameLength, entries, choice }: FilesGridProps) {
  const { t } = useTranslation();
  const { body, total, lines, before, after, entryAt } = entries;
  const inLine = (line: number): number[] =>
    Array.from({ length: Math.min(columns, total - line * columns) }, (_, column) => line * columns + column);
  return (
    <div
      className={classes.grid}
      role="grid"
      aria-label={t('files.list')}
      aria-rowcount={Math.ceil(total / columns)}
      aria-colcount={columns}
      {...choice.gridProps}
    >
      <div
        ref={body as RefObject<HTMLDivElement | null>}
        style={{ paddingBlock: `${before}px ${after}px` }}
        role="presentation"
      >
        {lines.map((line) => (
          <div
            key={line}
            role="row"
            aria-rowindex={line + 1}
            className={classes.line}
            style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
          >
            {inLine(line).map((index) => {
              const entry = entryAt(index);
              return (
                <Tile
                  key={index}
                  column={(index % columns) + 1}
                  isSelected={choice.isSelected(entry)}
                  isActive={index === choice.active}
                  {...{ siteId, entry, index, nameLength }}
                  folder={listing.path}
                  showsTime={listing.sort === 'modified'}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** What the pointer is told: the whole name, and what somebody wrote about it. */
function titleOf(entry: FileEntry | undefined): string | undefined {
  const name = entry?.name.slice(0, 2_000);
  return entry?.remark === undefined ? name : `${name ?? ''}\n${entry.remark}`;
}

type TileProps = {
  readonly siteId: string;
  /** In which the entry is. */
  readonly folder: string;
  readonly index: number;
  readonly column: number;
  /** Undefined until its page has come. */
  readonly entry: FileEntry | undefined;
  readonly nameLength: number;
  readonly showsTime: boolean;
  readonly isSelected: boolean;
  readonly isActive: boolean;
};

/** Drawn anew only when something of it changes: while one scrolls, all others stay as they are. */
const Tile = memo(function Tile({ index, column, entry, isSelected, isActive, ...rest }: TileProps) {
  return (
    <div
      role="gridcell"
      aria-colindex={column}
      className={classes.tile}
      title={titleOf(entry)}
      {...entryProps(index, isSelected, isActive)}
    >
      {entry !== undefined && <Face {...{ ...rest, entry, isSelected }} />}
    </div>
  );
});

type FaceProps = Omit<TileProps, 'index' | 'column' | 'entry' | 'isActive'> & { readonly entry: FileEntry };

function Face({ siteId, folder, entry, nameLength, showsTime, isSelected }: FaceProps) {
  const format = useFormat();
  const { name, type, sizeBytes, modifiedAt, remark } = entry;
  return (
    <>
      <span className={classes.tick} data-part="tick">
        <FileTick name={name} isSelected={isSelected} />
      </span>
      <span className={classes.warn}>
        <OpenToAll entry={entry} />
      </span>
      <span className={classes.face}>
        <FileThumbnail siteId={siteId} path={joinPath(folder, name)} entry={entry} />
      </span>
      <span className={classes.name}>
        <FileName entry={{ ...entry, name: inMiddle(name, nameLength) }} max={nameLength} />
      </span>
      <span className={`${classes.fact} numbers`}>
        {/* By what they are in order; otherwise what is asked about most. */}
        {remark !== undefined && <IconMessage2 size={13} className={classes.remark} aria-label={remark} role="img" />}
        {showsTime ? format.dateTime(modifiedAt) : type === 'file' && format.bytes(sizeBytes)}
      </span>
    </>
  );
}

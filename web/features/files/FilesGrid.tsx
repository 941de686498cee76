import { Checkbox } from '@mantine/core';
import { IconMessage2 } from '@tabler/icons-react';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileEntry } from '#shared/files.ts';
import { useFormat } from '../../ui/format.ts';
import { FileName, OpenToAll } from './FileName.tsx';
import { inMiddle, joinPath } from './file-paths.ts';
import { FileThumbnail } from './FileThumbnail.tsx';
import type { Listing } from './files.queries.ts';
import classes from './FilesGrid.module.css';
import type { FileChoice } from './use-file-choice.ts';
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
                <div
                  key={index}
                  role="gridcell"
                  aria-colindex={(index % columns) + 1}
                  className={classes.tile}
                  title={titleOf(entry)}
                  {...choice.entryProps(index)}
                >
                  {entry !== undefined && (
                    <Tile
                      path={joinPath(listing.path, entry.name)}
                      {...{ siteId, listing, entry, index, nameLength, choice }}
                    />
                  )}
                </div>
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

type TileProps = Pick<FilesGridProps, 'siteId' | 'listing' | 'nameLength' | 'choice'> & {
  readonly path: string;
  readonly entry: FileEntry;
  readonly index: number;
};

function Tile({ siteId, listing, path, entry, index, nameLength, choice }: TileProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, type, sizeBytes, modifiedAt, remark } = entry;
  return (
    <>
      <span
        className={classes.tick}
        onClick={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <Checkbox
          size="xs"
          tabIndex={-1}
          checked={choice.isSelected(entry)}
          onChange={() => choice.choose(index, 'toggle')}
          aria-label={t('files.select', { name })}
        />
      </span>
      <span className={classes.warn}>
        <OpenToAll entry={entry} />
      </span>
      <span className={classes.face}>
        <FileThumbnail siteId={siteId} path={path} entry={entry} />
      </span>
      <span className={classes.name}>
        <FileName
          entry={{ ...entry, name: inMiddle(name, nameLength) }}
          max={nameLength}
          onOpen={() => choice.open(entry)}
          onOpenInTab={() => choice.openInTab(entry)}
        />
      </span>
      <span className={`${classes.fact} numbers`}>
        {/* By what they are in order; otherwise what is asked about most. */}
        {remark !== undefined && <IconMessage2 size={13} className={classes.remark} aria-label={remark} role="img" />}
        {listing.sort === 'modified' ? format.dateTime(modifiedAt) : type === 'file' && format.bytes(sizeBytes)}
      </span>
    </>
  );
}

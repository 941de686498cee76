import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { memo, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { fileSorts, type FileEntry } from '#shared/files.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { FileIcon } from './FileIcon.tsx';
import { FileName, OpenToAll } from './FileName.tsx';
import { FileTick } from './FileTick.tsx';
import { modeText } from './file-paths.ts';
import type { FileOrder, Listing } from './files.queries.ts';
import { entryProps, type FileChoice } from './use-file-choice.ts';
import type { FolderEntries } from './use-folder-entries.ts';
import classes from './FilesTable.module.css';

type FilesTableProps = {
  readonly listing: Listing;
  readonly entries: FolderEntries;
  readonly choice: FileChoice;
  readonly onOrder: (order: FileOrder) => void;
};

/** A line for each entry. */
export function FilesTable({ listing, entries, choice, onOrder }: FilesTableProps) {
  const { t } = useTranslation();
  const { body, total, lines, before, after, entryAt } = entries;
  return (
    <div className={classes.lines}>
      <table
        className={classes.table}
        role="grid"
        aria-label={t('files.list')}
        aria-rowcount={total + 1}
        {...choice.gridProps}
      >
        <Head listing={listing} onOrder={onOrder} />
        <tbody
          ref={body as RefObject<HTMLTableSectionElement | null>}
          role="rowgroup"
          style={{ paddingBlock: `${before}px ${after}px` }}
        >
          {lines.map((index) => {
            const entry = entryAt(index);
            return (
              <Line
                key={index}
                index={index}
                entry={entry}
                isSelected={choice.isSelected(entry)}
                isActive={index === choice.active}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const Head = memo(function Head({ listing, onOrder }: Pick<FilesTableProps, 'listing' | 'onOrder'>) {
  const { t } = useTranslation();
  return (
    <thead role="rowgroup">
      <tr role="row">
        <td />
        {fileSorts.map((sort) => (
          <th
            key={sort}
            role="columnheader"
            scope="col"
            data-column={sort}
            aria-sort={listing.sort === sort ? (listing.isDescending ? 'descending' : 'ascending') : 'none'}
          >
            <button
              type="button"
              className={classes.sort}
              tabIndex={-1}
              onClick={() => onOrder({ sort, isDescending: listing.sort === sort && !listing.isDescending })}
            >
              {t(`files.columns.${sort}`)}
              {listing.sort === sort &&
                (listing.isDescending ? <IconChevronDown size={14} /> : <IconChevronUp size={14} />)}
            </button>
          </th>
        ))}
        <th role="columnheader" scope="col" data-column="mode">
          {t('files.columns.mode')}
        </th>
        <th role="columnheader" scope="col" data-column="owner">
          {t('files.columns.owner')}
        </th>
      </tr>
    </thead>
  );
});

type LineProps = {
  readonly index: number;
  /** Undefined until its page has come. */
  readonly entry: FileEntry | undefined;
  readonly isSelected: boolean;
  readonly isActive: boolean;
};

/** Drawn anew only when something of it changes: while one scrolls, all others stay as they are. */
const Line = memo(function Line({ index, entry, isSelected, isActive }: LineProps) {
  return (
    <tr role="row" aria-rowindex={index + 2} className={classes.row} {...entryProps(index, isSelected, isActive)}>
      {entry === undefined ? <td role="gridcell" /> : <Cells entry={entry} isSelected={isSelected} />}
    </tr>
  );
});

type CellsProps = { readonly entry: FileEntry; readonly isSelected: boolean };

function Cells({ entry, isSelected }: CellsProps) {
  const format = useFormat();
  const { name, type, sizeBytes, modifiedAt, mode, owner, target, remark } = entry;
  return (
    <>
      <td role="gridcell" className={classes.tick} data-part="tick">
        <FileTick name={name} isSelected={isSelected} />
      </td>
      <td role="gridcell" data-column="name">
        <span className={classes.name}>
          <FileIcon entry={entry} size={18} />
          <FileName entry={entry} max={120} />
          {target !== null && (
            <span className={classes.target}>
              <span aria-hidden className={`${classes.arrow} mirrored`}>
                →
              </span>
              <ForeignText max={60}>{target}</ForeignText>
            </span>
          )}
          <OpenToAll entry={entry} />
          {remark !== undefined && (
            <bdi className={classes.remark} title={remark}>
              {remark}
            </bdi>
          )}
        </span>
      </td>
      <td role="gridcell" data-column="size" className="numbers">
        {type === 'file' ? format.bytes(sizeBytes) : '—'}
      </td>
      <td role="gridcell" data-column="modified" className="numbers">
        {format.dateTime(modifiedAt)}
      </td>
      <td role="gridcell" data-column="mode">
        <code dir="ltr">{modeText(mode)}</code>
      </td>
      <td role="gridcell" data-column="owner">
        <ForeignText max={32}>{owner}</ForeignText>
      </td>
    </>
  );
}

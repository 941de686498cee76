import { Checkbox } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { fileSorts, type FileEntry } from '#shared/files.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { FileIcon } from './FileIcon.tsx';
import { FileName, OpenToAll } from './FileName.tsx';
import { modeText } from './file-paths.ts';
import type { FileOrder, Listing } from './files.queries.ts';
import classes from './Files.module.css';
import type { FileChoice } from './use-file-choice.ts';
import type { FolderEntries } from './use-folder-entries.ts';

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
    <table
      className={classes.table}
      role="grid"
      aria-label={t('files.list')}
      aria-rowcount={total + 1}
      {...choice.gridProps}
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
          <th scope="col" data-column="mode">
            {t('files.columns.mode')}
          </th>
          <th scope="col" data-column="owner">
            {t('files.columns.owner')}
          </th>
        </tr>
      </thead>
      <tbody ref={body as RefObject<HTMLTableSectionElement | null>}>
        {before > 0 && (
          <tr aria-hidden>
            <td style={{ height: before, padding: 0 }} />
          </tr>
        )}
        {lines.map((index) => {
          const entry = entryAt(index);
          return (
            <tr key={index} aria-rowindex={index + 2} className={classes.row} {...choice.entryProps(index)}>
              {entry === undefined ? <td colSpan={6} /> : <Line {...{ entry, index, choice }} />}
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
  );
}

type LineProps = { readonly entry: FileEntry; readonly index: number; readonly choice: FileChoice };

function Line({ entry, index, choice }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, type, sizeBytes, modifiedAt, mode, owner, target, remark } = entry;
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
          checked={choice.isSelected(entry)}
          onChange={() => choice.choose(index, 'toggle')}
          aria-label={t('files.select', { name })}
        />
      </td>
      <td data-column="name">
        <span className={classes.name}>
          <FileIcon entry={entry} size={18} />
          <FileName
            entry={entry}
            max={120}
            onOpen={() => choice.open(entry)}
            onOpenInTab={() => choice.openInTab(entry)}
          />
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

import { ActionIcon, Button, Group, SegmentedControl, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconFilter, IconPencil, IconPlus, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { useFormat } from '../../ui/format.ts';
import classes from './Browse.module.css';
import { rowsQuery, type RowFilters, type TableCell, type TablePage } from './browse.queries.ts';
import { Filters } from './Filters.tsx';
import { RowSheet } from './RowSheet.tsx';
import { TableStructure } from './TableStructure.tsx';

type TableViewProps = { readonly databaseId: string; readonly table: string };

/** One table: its rows page by page in the order of its key, each to be changed, or how it is built. */
export function TableView({ databaseId, table }: TableViewProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<'rows' | 'structure'>('rows');
  const [order, setOrder] = useState<'down' | 'up'>('up');
  const [sort, setSort] = useState<string | null>(null);
  const [filters, setFilters] = useState<RowFilters>([]);
  const [isFiltering, setIsFiltering] = useState(false);
  // Where each page so far began: pages are found by their first row, not by their number.
  const [starts, setStarts] = useState<readonly (string | null)[]>([null]);
  /** Of the row that is open; null: a new one. */
  const [open, setOpen] = useState<string | null>();
  const after = starts.at(-1) ?? null;
  const { data, error, refetch, isPlaceholderData } = useQuery(
    rowsQuery(databaseId, { table, order, sort, filters, after }),
  );
  const turn = (next: 'down' | 'up', by = sort): void => {
    setOrder(next);
    setSort(by);
    setStarts([null]);
  };
  const ask = (next: RowFilters): void => {
    setFilters(next);
    setStarts([null]);
  };
  if (data === undefined)
    return (
      <Section padding="flush">
        {error === null ? (
          <LoadingRows rows={8} />
        ) : (
          <>
            <ErrorState error={error} onRetry={() => void refetch()} />
            {filters.length > 0 && (
              <Group justify="center" className={classes.tools}>
                <Button variant="default" onClick={() => ask([])}>
                  {t('databaseBrowse.filter.clear')}
                </Button>
              </Group>
            )}
          </>
        )}
      </Section>
    );
  return (
    <Section padding="flush">
      <Group className={classes.tools} justify="space-between">
        <SegmentedControl
          aria-label={t('databaseBrowse.what')}
          value={shown}
          onChange={(value) => setShown(value === 'rows' ? 'rows' : 'structure')}
          data={[
            { value: 'rows', label: t('databaseBrowse.rows') },
            { value: 'structure', label: t('databaseBrowse.structure') },
          ]}
        />
        {shown === 'rows' && (
          <Group gap="xs">
            {data.hasKey && (
              <SegmentedControl
                aria-label={t('databaseBrowse.order')}
                value={order}
                onChange={(value) => turn(value === 'up' ? 'up' : 'down')}
                data={[
                  { value: 'up', label: t('databaseBrowse.up') },
                  { value: 'down', label: t('databaseBrowse.down') },
                ]}
              />
            )}
            <Button
              variant="default"
              leftSection={<IconFilter size={17} aria-hidden />}
              aria-expanded={isFiltering || filters.length > 0}
              onClick={() => setIsFiltering(!isFiltering)}
            >
              {t('databaseBrowse.filter.open')}
            </Button>
            {data.editing === 'possible' && (
              <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpen(null)}>
                {t('databaseBrowse.row.new')}
              </Button>
            )}
          </Group>
        )}
      </Group>
      {shown === 'rows' && (isFiltering || filters.length > 0) && (
        <Filters columns={data.columns} filters={filters} onChange={ask} />
      )}
      {shown === 'structure' ? (
        <TableStructure page={data} />
      ) : (
        <>
          {data.editing === 'storage' && <p className={classes.note}>{t('databaseBrowse.row.storage')}</p>}
          <Rows
            page={data}
            isFiltered={filters.length > 0}
            order={order}
            sort={sort}
            onSort={(name) => turn(name === sort && order === 'up' ? 'down' : 'up', name)}
            onOpen={setOpen}
          />
          <Group className={classes.tools} justify="space-between">
            <span className={classes.soft}>
              {data.hasKey
                ? t('databaseBrowse.page', { page: starts.length })
                : t('databaseBrowse.noKey', { count: data.rows.length })}
            </span>
            {data.hasKey && (
              <Group gap="xs">
                <Button variant="default" disabled={starts.length === 1} onClick={() => setStarts(starts.slice(0, -1))}>
                  {t('databaseBrowse.previous')}
                </Button>
                <Button
                  variant="default"
                  disabled={data.next === null || isPlaceholderData}
                  onClick={() => setStarts([...starts, data.next])}
                >
                  {t('databaseBrowse.next')}
                </Button>
              </Group>
            )}
          </Group>
        </>
      )}
      {open !== undefined && (
        <RowSheet
          databaseId={databaseId}
          table={table}
          columns={data.columns}
          row={open}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Section>
  );
}

type RowsProps = {
  readonly page: TablePage;
  readonly isFiltered: boolean;
  readonly order: 'down' | 'up';
  /** null: the key. */
  readonly sort: string | null;
  readonly onSort: (column: string) => void;
  readonly onOpen: (row: string) => void;
};

function Rows({ page, isFiltered, order, sort, onSort, onOpen }: RowsProps) {
  const { t } = useTranslation();
  const { columns, columnCount, rows, refs, hasKey } = page;
  if (rows.length === 0 && isFiltered)
    return (
      <EmptyState
        icon={IconFilter}
        title={t('databaseBrowse.filter.none')}
        text={t('databaseBrowse.filter.noneText')}
      />
    );
  if (rows.length === 0)
    return <EmptyState icon={IconTable} title={t('databaseBrowse.empty')} text={t('databaseBrowse.emptyText')} />;
  return (
    <>
      {columnCount > columns.length && (
        <p className={classes.note}>{t('databaseBrowse.manyColumns', { shown: columns.length, count: columnCount })}</p>
      )}
      <div className={classes.scroll} dir="ltr" tabIndex={0} role="region" aria-label={t('databaseBrowse.rows')}>
        <table className={classes.rows}>
          <thead>
            <tr>
              {refs.length > 0 && <td />}
              {columns.map(({ name, type, isSortable }) => (
                <th
                  key={name}
                  scope="col"
                  title={type}
                  aria-sort={name !== sort ? undefined : order === 'up' ? 'ascending' : 'descending'}
                >
                  {isSortable && hasKey ? (
                    <UnstyledButton
                      className={classes.sort}
                      aria-label={t('databaseBrowse.sortBy', { name })}
                      onClick={() => onSort(name)}
                    >
                      {name}
                      {name === sort && (order === 'up' ? <IconArrowUp size={13} /> : <IconArrowDown size={13} />)}
                    </UnstyledButton>
                  ) : (
                    name
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              // Rows of one page never change their places.
              <tr key={at}>
                {refs[at] !== undefined && (
                  <td className={classes.act}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t('databaseBrowse.row.open', { number: at + 1 })}
                      onClick={() => onOpen(refs[at] ?? '')}
                    >
                      <IconPencil size={16} aria-hidden />
                    </ActionIcon>
                  </td>
                )}
                {row.map((cell, column) => (
                  <td key={columns[column]?.name}>
                    <Cell cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Cell({ cell }: { readonly cell: TableCell }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (cell === null) return <span className={classes.null}>NULL</span>;
  if (typeof cell === 'string') return <bdi className={classes.value}>{cell}</bdi>;
  const { text, isBinary, length } = cell;
  return (
    <>
      <bdi className={classes.value}>{isBinary ? `0x${text}` : `${text}…`}</bdi>
      <bdi className={classes.soft}>
        {isBinary
          ? format.bytes(length)
          : t('databaseBrowse.characters', { count: length, value: format.number(length) })}
      </bdi>
    </>
  );
}

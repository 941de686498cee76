import { Skeleton, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResponseOf } from '#shared/http.ts';
import type { sitesApi } from '#shared/sites.ts';
import { ChooseAll } from './batch/ChooseAll.tsx';
import { SiteRow } from './SiteRow.tsx';
import { pagesBetween } from './site-pages.ts';
import { pageSize, sitesPageQuery, type SiteFilters } from './sites.queries.ts';
import classes from './SitesTable.module.css';
import { firstOrder, type SiteSort, type SortOrder } from './SortMenu.tsx';

type SitesTableProps = {
  readonly filters: SiteFilters;
  /** The first page; it also says how many there are. */
  readonly first: ResponseOf<typeof sitesApi.list>;
  /** What is shown belongs to the filters before. */
  readonly isOld: boolean;
  readonly onSort: (sort: SiteSort, order: SortOrder) => void;
};

/** Below this width of the list a row is a card: as in the style sheet. */
const cardsBelow = 620;
const rowHeight = 67;
const cardHeight = 124;

/** All sites that fit, as one page: only the rows in sight are in the document, only their pages are asked for. */
export function SitesTable({ filters, first, isOld, onSort }: SitesTableProps) {
  const { t } = useTranslation();
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [isCards, setIsCards] = useState(false);
  const estimate = isCards ? cardHeight : rowHeight;
  const virtual = useWindowVirtualizer({
    count: first.total,
    estimateSize: () => estimate,
    overscan: 8,
    scrollMargin: top,
    useFlushSync: false,
  });
  const rows = virtual.getVirtualItems();
  const pages = pagesBetween(rows[0]?.index ?? 0, rows.at(-1)?.index ?? 0, pageSize).filter((page) => page !== 1);
  const others = useQueries({ queries: pages.map((page) => sitesPageQuery(filters, page)) });
  const itemsOf = (page: number) => (page === 1 ? first : others[pages.indexOf(page)]?.data)?.items;

  useLayoutEffect(() => {
    const measure = (): void => {
      const place = body.current?.getBoundingClientRect();
      setTop((place?.top ?? 0) + window.scrollY);
      setIsCards((place?.width ?? 0) <= cardsBelow);
    };
    measure();
    // Banners come and go above the list.
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => virtual.measure(), [estimate, virtual]);

  const sort = filters.sort ?? 'createdAt';
  const order = filters.order ?? 'desc';
  const columns = [
    { key: 'name', sort: 'name' },
    { key: 'kind', sort: 'kind' },
    { key: 'state', sort: 'state' },
    { key: 'tls', sort: null },
    { key: 'isEnabled', sort: null },
    { key: 'updatedAt', sort: 'updatedAt' },
  ] as const;

  return (
    <div className={classes.place}>
      <div className={classes.table} role="table" aria-label={t('sites.title')} aria-rowcount={first.total + 1}>
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.columns}>
            <div role="columnheader">
              <ChooseAll filters={filters} total={first.total} />
            </div>
            {columns.map((column) => (
              <div
                key={column.key}
                role="columnheader"
                aria-sort={column.sort === sort ? (order === 'asc' ? 'ascending' : 'descending') : undefined}
              >
                {column.sort === null ? (
                  t(`sites.fields.${column.key}`)
                ) : (
                  <SortButton
                    label={t(`sites.fields.${column.key}`)}
                    order={column.sort === sort ? order : null}
                    onClick={() => onSort(column.sort, nextOrder(column.sort, sort, order))}
                  />
                )}
              </div>
            ))}
            <div role="columnheader">
              <span className="visually-hidden">{t('sites.list.actions')}</span>
            </div>
          </div>
        </div>
        <div
          ref={body}
          role="rowgroup"
          className={classes.body}
          data-old={isOld || undefined}
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={(event) => moveFocus(event, (index) => virtual.scrollToIndex(index))}
        >
          {rows.map(({ index, key, start }) => (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              role="row"
              aria-rowindex={index + 2}
              className={`${classes.row} ${classes.columns}`}
              style={{ transform: `translateY(${start - top}px)` }}
            >
              <SiteRow site={itemsOf(Math.floor(index / pageSize) + 1)?.[index % pageSize]} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function nextOrder(wanted: SiteSort, sort: SiteSort, order: SortOrder): SortOrder {
  if (wanted !== sort) return firstOrder(wanted);
  return order === 'asc' ? 'desc' : 'asc';
}

function SortButton({
  label,
  order,
  onClick,
}: {
  readonly label: string;
  readonly order: SortOrder | null;
  readonly onClick: () => void;
}) {
  const OrderIcon = order === 'desc' ? IconArrowDown : IconArrowUp;
  return (
    <UnstyledButton className={classes.sort} data-active={order !== null || undefined} onClick={onClick}>
      {label}
      <OrderIcon size={14} stroke={2} aria-hidden />
    </UnstyledButton>
  );
}

/** Arrow keys go from the name of one site to the next. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>, show: (index: number) => void): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const { target, currentTarget } = event;
  if (step === undefined || !(target instanceof HTMLElement) || target.dataset['siteLink'] === undefined) return;
  const index = Number(target.closest<HTMLElement>('[data-index]')?.dataset['index'] ?? 0) + step;
  const next = currentTarget.querySelector<HTMLElement>(`[data-index="${index}"] [data-site-link]`);
  if (next === null) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  show(index);
}

/** The shape of the list before it is there. */
export function SitesTableLoading() {
  const { t } = useTranslation();
  return (
    <div className={classes.table} role="status" aria-busy="true" aria-label={t('common.states.loading')}>
      <div className={classes.head} aria-hidden>
        <div className={classes.columns} />
      </div>
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className={classes.loading}>
          <Skeleton height={36} width={36} radius="md" />
          <Skeleton height={14} width={`${34 - ((index * 7) % 16)}%`} radius="sm" />
          <Skeleton height={14} width={90} radius="sm" ms="auto" visibleFrom="sm" />
          <Skeleton height={14} width={70} radius="sm" visibleFrom="sm" />
        </div>
      ))}
    </div>
  );
}

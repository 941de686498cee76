import { Skeleton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResponseOf } from '#shared/http.ts';
import type { sitesApi } from '#shared/sites.ts';
import type { SiteColumn, SiteSort } from '#shared/site-columns.ts';
import { ariaSort, nextOrder } from '../../ui/lists/list-order.ts';
import type { SortOrder } from '../../ui/lists/list-search.ts';
import { SortButton } from '../../ui/lists/SortButton.tsx';
import { ChooseAll } from './batch/ChooseAll.tsx';
import { fitColumns } from './columns/fitting-columns.ts';
import { SiteRow } from './SiteRow.tsx';
import { pagesBetween } from './site-pages.ts';
import { pageSize, sitesPageQuery, type SiteFilters } from './sites.queries.ts';
import classes from './SitesTable.module.css';
import { firstOrder } from './site-order.ts';

type SitesTableProps = {
  readonly filters: SiteFilters;
  /** The first page; it also says how many there are. */
  readonly first: ResponseOf<typeof sitesApi.list>;
  /** What the person wants to see, and whether that needs figures. */
  readonly chosen: readonly SiteColumn[];
  readonly withFigures: boolean;
  /** What is shown belongs to the filters before. */
  readonly isOld: boolean;
  readonly onSort: (sort: SiteSort, order: SortOrder) => void;
};

/** Below this width of the list a row is a card: as in the style sheet. */
const cardsBelow = 620;
const rowHeight = 67;
const cardHeight = 124;
/** The line below a row with what has no room in it, and each such line of a card. */
const belowHeight = 28;
const cardLineHeight = 26;

/** All sites that fit, as one page: only the rows in sight are in the document, only their pages are asked for. */
export function SitesTable({ filters, first, chosen, withFigures, isOld, onSort }: SitesTableProps) {
  const { t } = useTranslation();
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [width, setWidth] = useState(cardsBelow + 1);
  const isCards = width <= cardsBelow;
  const columns = useMemo(() => fitColumns(chosen, width, isCards), [chosen, width, isCards]);
  const lines = columns.below.length;
  const estimate = isCards ? cardHeight + lines * cardLineHeight : rowHeight + (lines > 0 ? belowHeight : 0);
  const virtual = useWindowVirtualizer({
    count: first.total,
    estimateSize: () => estimate,
    overscan: 8,
    scrollMargin: top,
    useFlushSync: false,
  });
  const rows = virtual.getVirtualItems();
  const pages = pagesBetween(rows[0]?.index ?? 0, rows.at(-1)?.index ?? 0, pageSize).filter((page) => page !== 1);
  const others = useQueries({ queries: pages.map((page) => sitesPageQuery(filters, page, withFigures)) });
  const itemsOf = (page: number) => (page === 1 ? first : others[pages.indexOf(page)]?.data)?.items;

  useLayoutEffect(() => {
    const measure = (): void => {
      const place = body.current?.getBoundingClientRect();
      setTop((place?.top ?? 0) + window.scrollY);
      setWidth(place?.width ?? 0);
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
  const headings = headingsOf(columns.shown);

  return (
    <div className={classes.place} style={{ '--site-columns': columns.template } as CSSProperties}>
      <div className={classes.table} role="table" aria-label={t('sites.title')} aria-rowcount={first.total + 1}>
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.columns}>
            <div role="columnheader">
              <ChooseAll filters={filters} total={first.total} />
            </div>
            {headings.map((column) => (
              <div
                key={column.key}
                role="columnheader"
                aria-sort={column.sort === null ? undefined : ariaSort(column.sort === sort ? order : null)}
              >
                {column.sort === null ? (
                  t(`sites.fields.${column.key}`)
                ) : (
                  <SortButton
                    label={column.isChoosable ? t(`siteColumns.short.${column.key}`) : t(`sites.fields.${column.key}`)}
                    title={t(`sites.fields.${column.key}`)}
                    order={column.sort === sort ? order : null}
                    onClick={() => onSort(column.sort, nextOrder(column.sort, { sort, order }, firstOrder))}
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
              <SiteRow
                site={itemsOf(Math.floor(index / pageSize) + 1)?.[index % pageSize]}
                columns={columns}
                isMeasuring={first.measured?.isUnderWay === true}
              />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

type Heading =
  | { readonly key: 'name' | 'state'; readonly sort: SiteSort; readonly isChoosable: false }
  | { readonly key: 'isEnabled'; readonly sort: null }
  | { readonly key: SiteColumn; readonly sort: SiteSort; readonly isChoosable: true };

/** In the order of the cells. */
function headingsOf(shown: readonly SiteColumn[]): Heading[] {
  const of = (columns: readonly SiteColumn[]): Heading[] =>
    columns.map((column) => ({ key: column, sort: column, isChoosable: true }));
  return [
    { key: 'name', sort: 'name', isChoosable: false },
    ...of(shown.filter((column) => column === 'kind')),
    { key: 'state', sort: 'state', isChoosable: false },
    ...of(shown.filter((column) => column !== 'kind' && column !== 'updatedAt')),
    { key: 'isEnabled', sort: null },
    ...of(shown.filter((column) => column === 'updatedAt')),
  ];
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

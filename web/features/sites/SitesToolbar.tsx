import { ActionIcon, Group, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { siteColumns, siteSort, type Measured, type SiteColumn, type SiteSort } from '#shared/site-columns.ts';
import { siteKinds, siteStates } from '#shared/sites.ts';
import { useFormat } from '../../ui/format.ts';
import { SortMenu } from '../../ui/lists/SortMenu.tsx';
import { phpVersionsQuery } from '../php/php.queries.ts';
import { ColumnsMenu } from './columns/ColumnsMenu.tsx';
import { FilterMenu } from './FilterMenu.tsx';
import { categoriesQuery, type SiteFilters } from './sites.queries.ts';
import { firstOrder } from './site-order.ts';
import classes from './SitesToolbar.module.css';

type SitesToolbarProps = {
  readonly filters: SiteFilters;
  readonly chosen: readonly SiteColumn[];
  readonly measured: Measured | null | undefined;
  readonly onChange: (change: { [K in keyof SiteFilters]?: SiteFilters[K] | undefined }) => void;
};

const searchDelayMs = 220;

/** Search, filters and order of the list; all of them stand in the address. */
export function SitesToolbar({ filters, chosen, measured, onChange }: SitesToolbarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: categories } = useQuery(categoriesQuery);
  const { data: php } = useQuery(phpVersionsQuery);
  const versions = (php?.items ?? []).filter(({ isInstalled }) => isInstalled).map(({ version }) => version);
  const [typed, setTyped] = useState(filters.search ?? '');
  const [sent, setSent] = useState(filters.search);
  const [seen, setSeen] = useState(filters.search);
  const search = useDebouncedCallback((text: string) => {
    const wanted = text.trim() || undefined;
    setSent(wanted);
    onChange({ search: wanted });
  }, searchDelayMs);
  // The address can change without the field: back, a link, "clear".
  if (seen !== filters.search) {
    setSeen(filters.search);
    if (filters.search !== sent) setTyped(filters.search ?? '');
  }
  const type = (text: string): void => {
    setTyped(text);
    search(text);
  };

  return (
    <Group className={classes.bar} gap="xs" role="search" aria-label={t('sites.list.search')}>
      <TextInput
        className={classes.search}
        type="search"
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
        placeholder={t('sites.list.search')}
        aria-label={t('sites.list.search')}
        leftSection={<IconSearch size={17} stroke={1.8} aria-hidden />}
        rightSection={
          typed !== '' && (
            <ActionIcon size="sm" aria-label={t('sites.list.clearSearch')} onClick={() => type('')}>
              <IconX size={15} />
            </ActionIcon>
          )
        }
        maxLength={200}
      />
      <Group className={classes.filters} gap={6} wrap="nowrap">
        <FilterMenu
          label={t('sites.fields.kind')}
          value={filters.kind}
          choices={siteKinds.map((value) => ({ value, label: t(`sites.kinds.${value}`) }))}
          onChange={(kind) => onChange({ kind })}
        />
        <FilterMenu
          label={t('sites.fields.state')}
          value={filters.state}
          choices={siteStates.map((value) => ({ value, label: t(`sites.states.${value}`) }))}
          onChange={(state) => onChange({ state })}
        />
        {(categories !== undefined && categories.items.length > 0) || filters.category !== undefined ? (
          <FilterMenu
            label={t('sites.fields.category')}
            value={filters.category}
            choices={(categories?.items ?? []).map(({ name, count }) => ({
              value: name,
              label: name,
              note: format.number(count),
            }))}
            onChange={(category) => onChange({ category })}
          />
        ) : null}
        {(versions.length > 0 && (filters.kind ?? 'php') === 'php') || filters.php !== undefined ? (
          <FilterMenu
            label="PHP"
            value={filters.php}
            choices={versions.map((version) => ({ value: version, label: version }))}
            onChange={(php) => onChange({ php })}
          />
        ) : null}
        <SortMenu
          sort={filters.sort ?? 'createdAt'}
          order={filters.order ?? 'desc'}
          choices={siteSort.filter((sort) => sort === filters.sort || isOffered(sort, chosen))}
          label={(sort) => t(`sites.fields.${sort}`)}
          firstOrder={firstOrder}
          onChange={(sort, order) => onChange({ sort, order })}
        />
        <ColumnsMenu measured={measured} />
      </Group>
    </Group>
  );
}

/** What every list is sorted by, and what is seen. */
function isOffered(sort: SiteSort, chosen: readonly SiteColumn[]): boolean {
  const column = siteColumns.find((each) => each === sort);
  return column === undefined || column === 'kind' || column === 'updatedAt' || chosen.includes(column);
}

import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconWorld } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../ui/Page.tsx';
import { findSitesQuery, siteQuery } from '../sites/sites.queries.ts';
import { shownName } from '../sites/site-names.ts';
import { Timeline } from './Timeline.tsx';
import classes from './Timeline.module.css';

const route = getRouteApi('/signed-in/history');

/** Everything that was changed, on all sites. */
export function HistoryPage() {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const { site: siteId } = route.useSearch();
  return (
    <Page title={t('history.title')} description={t('history.description')}>
      <SiteFilter
        value={siteId ?? null}
        onChange={(site) => void navigate({ search: site === null ? {} : { site }, replace: true })}
      />
      <Timeline key={siteId ?? 'all'} siteId={siteId} />
    </Page>
  );
}

/** One site of all, found by typing. */
function SiteFilter({
  value,
  onChange,
}: {
  readonly value: string | null;
  readonly onChange: (siteId: string | null) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const chosen = useQuery({ ...siteQuery(value ?? ''), enabled: value !== null });
  const chosenName = chosen.data === undefined ? '' : shownName(chosen.data);
  // The name of the chosen one stands in the field: it is not a search.
  const found = useQuery(findSitesQuery(search === chosenName ? '' : search));
  const choices = [
    ...(chosen.data === undefined ? [] : [chosen.data]),
    ...(found.data?.items ?? []).filter(({ id }) => id !== value),
  ].map((site) => ({ value: site.id, label: shownName(site) }));
  return (
    <Select
      className={classes.filter}
      aria-label={t('history.filter')}
      placeholder={t('history.allSites')}
      leftSection={<IconWorld size={17} stroke={1.7} aria-hidden />}
      data={choices}
      value={value}
      onChange={onChange}
      searchable
      clearable
      onSearchChange={setTyped}
      // The panel has searched already, also in domains and remarks.
      filter={({ options }) => options}
      nothingFoundMessage={t('common.states.noResults')}
      clearButtonProps={{ 'aria-label': t('history.allSites') }}
    />
  );
}

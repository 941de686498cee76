import { Button } from '@mantine/core';
import { IconPlus, IconRecycle, IconSearchOff, IconFileImport, IconTransferIn } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteColumn } from '#shared/site-columns.ts';
import { useCan, useMe } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Page } from '../../ui/Page.tsx';
import { EmptyState, ErrorState } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { ChosenProvider, useChoice } from './batch/use-chosen.ts';
import { useSiteColumns } from './columns/use-site-columns.ts';
import { FirstSite } from './FirstSite.tsx';
import { NginxBanner } from './NginxBanner.tsx';
import classes from './SitesToolbar.module.css';
import { sitesPageQuery, type SiteFilters } from './sites.queries.ts';
import type { SitesSearch } from './sites-search.ts';
import { SitesTable, SitesTableLoading } from './SitesTable.tsx';
import { SitesToolbar } from './SitesToolbar.tsx';

const route = getRouteApi('/signed-in/sites');
const BatchBar = lazy(async () => ({ default: (await import('./batch/BatchBar.tsx')).BatchBar }));
const NewSite = lazy(async () => ({ default: (await import('./NewSite.tsx')).NewSite }));

export function SitesPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const { siteScope } = useMe();
  const navigate = route.useNavigate();
  const { new: isNewOpen = false, ...filters } = route.useSearch();
  const { chosen } = useSiteColumns();
  const isMeasured = (column: SiteColumn): boolean =>
    measuredColumns.includes(column) || (column === 'tls' && !can('certificates.read'));
  const withFigures = chosen.some(isMeasured);
  const first = useQuery({ ...sitesPageQuery(filters, 1, withFigures), placeholderData: keepPreviousData });
  const choice = useChoice();
  const [wasChosen, setWasChosen] = useState(false);
  if (choice.ids.size > 0 && !wasChosen) setWasChosen(true);
  const total = first.data?.total;
  const isFiltered = hasFilter(filters);
  const isWelcome = total === 0 && !isFiltered && !first.isPlaceholderData;

  const setSearch = (change: Cleared): void =>
    void navigate({ search: (before) => withoutEmpty({ ...before, ...change }), replace: true });
  const openNew = (): void => void navigate({ search: (before) => ({ ...before, new: true }) });
  const closeNew = (): void => void navigate({ search: ({ new: _new, ...rest }) => rest, replace: true });

  return (
    <Page
      title={t('sites.title')}
      description={
        total === undefined || isWelcome
          ? undefined
          : t(isFiltered ? 'sites.list.found' : 'sites.list.count', { count: total, value: format.number(total) })
      }
      actions={
        <>
          {can('sites.delete') && siteScope === 'all' && (
            <Button
              variant="default"
              renderRoot={(props) => <Link {...props} to="/sites/recycled" />}
              leftSection={<IconRecycle size={17} aria-hidden />}
            >
              {t('recycledSites.title')}
            </Button>
          )}
          {can('sites.create') && (
            <Button
              variant="default"
              renderRoot={(props) => <Link {...props} to="/import/site" />}
              leftSection={<IconFileImport size={17} aria-hidden />}
            >
              {t('sites.new.importFile')}
            </Button>
          )}
          {can('settings.write') && can('sites.create') && (
            <Button
              variant="default"
              renderRoot={(props) => <Link {...props} to="/import/aapanel" />}
              leftSection={<IconTransferIn size={17} aria-hidden />}
            >
              {t('sites.new.import')}
            </Button>
          )}
          <WhyNot reason={!can('sites.create')}>
            <Button leftSection={<IconPlus size={17} aria-hidden />} disabled={!can('sites.create')} onClick={openNew}>
              {t('sites.new.action')}
            </Button>
          </WhyNot>
        </>
      }
    >
      <div className={classes.banner}>
        <NginxBanner />
      </div>
      {isWelcome ? (
        <FirstSite onStart={openNew} />
      ) : (
        <>
          <SitesToolbar filters={filters} chosen={chosen} measured={first.data?.measured} onChange={setSearch} />
          {first.isError && first.data === undefined ? (
            <ErrorState error={first.error} onRetry={() => void first.refetch()} />
          ) : first.data === undefined ? (
            <SitesTableLoading />
          ) : total === 0 ? (
            <EmptyState
              icon={IconSearchOff}
              title={t('common.states.noResults')}
              text={t('common.states.noResultsHint')}
              action={
                <Button variant="default" onClick={() => setSearch(noFilters)}>
                  {t('sites.list.clearFilters')}
                </Button>
              }
            />
          ) : (
            <ChosenProvider value={can('sites.write') ? choice : null}>
              <SitesTable
                filters={filters}
                first={first.data}
                chosen={chosen}
                withFigures={withFigures}
                isOld={first.isPlaceholderData}
                onSort={(sort, order) => setSearch({ sort, order })}
              />
              <Suspense>{wasChosen && <BatchBar />}</Suspense>
            </ChosenProvider>
          )}
        </>
      )}
      <Suspense>{isNewOpen && can('sites.create') && <NewSite onClose={closeNew} />}</Suspense>
    </Page>
  );
}

/** What the panel measures now and then. */
const measuredColumns: readonly SiteColumn[] = ['backup', 'requests', 'bytes'];

const noFilters = { search: undefined, kind: undefined, state: undefined, category: undefined, php: undefined };

function hasFilter({ search, kind, state, category, php }: SiteFilters): boolean {
  return [search, kind, state, category, php].some((each) => each !== undefined);
}

type Cleared = { [K in keyof SitesSearch]?: SitesSearch[K] | undefined };

/** Keeps the address short: what is not set does not stand there. */
function withoutEmpty(search: Cleared): SitesSearch {
  return Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  ) as SitesSearch;
}

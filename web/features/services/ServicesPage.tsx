import { Button, SegmentedControl } from '@mantine/core';
import { IconFilterOff, IconServer2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Service } from '#shared/services.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { SearchField } from './SearchField.tsx';
import { serviceFilters, servicesSearch, type ServiceFilter } from './services-search.ts';
import { servicesQuery } from './services.queries.ts';
import classes from './Services.module.css';
import { ServicesTable } from './ServicesTable.tsx';
import { ServicesTabs } from './ServicesTabs.tsx';

const ServiceSheet = lazy(async () => ({ default: (await import('./ServiceSheet.tsx')).ServiceSheet }));
const route = getRouteApi('/signed-in/services');

/** Services of the machine: what runs, what failed and why. */
export function ServicesPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="services.read" title={t('services.title')}>
      <Services />
    </NeedsPermission>
  );
}

/** What failed stands first, then what runs. */
const ranks: Readonly<Record<Service['state'], number>> = {
  failed: 0,
  maintenance: 1,
  activating: 2,
  deactivating: 2,
  reloading: 2,
  active: 3,
  unknown: 4,
  inactive: 5,
};

const matches: Readonly<Record<ServiceFilter, (service: Service) => boolean>> = {
  all: () => true,
  active: ({ state }) => state !== 'inactive' && state !== 'failed',
  failed: ({ state }) => state === 'failed',
  inactive: ({ state }) => state === 'inactive',
  boot: ({ boot }) => boot === 'enabled',
};

function Services() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = route.useNavigate();
  const { show = 'all', search = '', unit } = route.useSearch();
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const { data, error, refetch } = useQuery(servicesQuery);
  const shown = useMemo(() => {
    const found = (data?.items ?? []).filter(
      (service) => matches[show](service) && `${service.unit}\n${service.description}`.toLowerCase().includes(wanted),
    );
    return found.sort((one, other) => ranks[one.state] - ranks[other.state] || (one.unit < other.unit ? -1 : 1));
  }, [data, show, wanted]);
  const failed = data?.items.filter(matches.failed).length ?? 0;
  return (
    <Page title={t('services.title')} description={t('services.lead')}>
      <ServicesTabs />
      {data?.hasSystemd === false ? (
        <Section padding="flush">
          <EmptyState icon={IconServer2} title={t('services.noSystemd')} text={t('services.noSystemdText')} />
        </Section>
      ) : (
        <>
          <div className={classes.bar}>
            <SearchField
              value={search}
              onChange={(value) => void navigate({ search: (before) => ({ ...before, search: value }), replace: true })}
            />
            <div className={classes.scroller}>
              <SegmentedControl
                size="xs"
                value={show}
                onChange={(value) =>
                  void navigate({ search: (before) => ({ ...before, show: value as ServiceFilter }), replace: true })
                }
                data={serviceFilters.map((value) => ({ value, label: t(`services.filters.${value}`) }))}
                aria-label={t('services.show')}
              />
            </div>
            {data !== undefined && (
              <p className={`${classes.total} numbers`} role="status">
                {t('services.count', { count: shown.length, value: format.number(shown.length) })}
                {failed > 0 && (
                  <>
                    {' · '}
                    <strong>{t('services.failed', { count: failed, value: format.number(failed) })}</strong>
                  </>
                )}
              </p>
            )}
          </div>
          <Section padding="flush">
            {data === undefined ? (
              error === null ? (
                <LoadingRows rows={9} />
              ) : (
                <ErrorState error={error} onRetry={() => void refetch()} />
              )
            ) : shown.length === 0 ? (
              <EmptyState
                icon={IconFilterOff}
                title={t('services.nothing')}
                action={
                  <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                    {t('services.showAll')}
                  </Button>
                }
              />
            ) : (
              <ServicesTable services={shown} />
            )}
          </Section>
        </>
      )}
      <Suspense>
        {unit !== undefined && (
          <ServiceSheet
            key={unit}
            unit={unit}
            onClose={() =>
              void navigate({
                search: ({ show: kept, search: word }) => servicesSearch({ show: kept, search: word }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        )}
      </Suspense>
    </Page>
  );
}

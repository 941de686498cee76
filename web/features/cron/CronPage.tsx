import { Button, Group, SegmentedControl, TextInput } from '@mantine/core';
import { IconClockPlay, IconFileImport, IconFilterOff, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useMe } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { cronFilters, type CronFilter } from './cron-search.ts';
import { cronQuery, type ListedCronJob } from './cron.queries.ts';
import classes from './Cron.module.css';
import { CronTable } from './CronTable.tsx';

const CronForm = lazy(async () => ({ default: (await import('./CronForm.tsx')).CronForm }));
const ImportSheet = lazy(async () => ({ default: (await import('./ImportSheet.tsx')).ImportSheet }));
const route = getRouteApi('/signed-in/cron');

/** Scheduled jobs: what runs when, how it went last, and when it comes next. */
export function CronPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="cron.read" title={t('cron.title')}>
      <CronJobs />
    </NeedsPermission>
  );
}

const isBad = ({ lastRun }: ListedCronJob): boolean =>
  lastRun !== null && ['failed', 'timed_out', 'interrupted'].includes(lastRun.state);

const matches: Readonly<Record<CronFilter, (job: ListedCronJob) => boolean>> = {
  all: () => true,
  on: ({ isEnabled }) => isEnabled,
  off: ({ isEnabled }) => !isEnabled,
  failed: isBad,
};

/** What comes next stands first; what never comes by itself last. */
function inOrder(one: ListedCronJob, other: ListedCronJob): number {
  const last = '9';
  const [first, second] = [one.nextRunAt ?? last, other.nextRunAt ?? last];
  return first === second ? one.name.localeCompare(other.name) : first < second ? -1 : 1;
}

function CronJobs() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = route.useNavigate();
  const { search = '', show = 'all' } = route.useSearch();
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const { data, error, refetch } = useQuery(cronQuery);
  const { siteScope } = useMe();
  const [isMaking, setIsMaking] = useState(false);
  const [isImporting, setIsImporting] = useState(false);
  const can = useCan();
  const mayWrite = can('cron.write');
  const add = (
    <>
      {mayWrite && can('cron.machine') && siteScope === 'all' && (
        <Button
          variant="default"
          leftSection={<IconFileImport size={17} aria-hidden />}
          onClick={() => setIsImporting(true)}
        >
          {t('cron.import.open')}
        </Button>
      )}
      <WhyNot reason={!mayWrite}>
        <Button
          disabled={!mayWrite || data === undefined}
          leftSection={<IconPlus size={17} aria-hidden />}
          onClick={() => setIsMaking(true)}
        >
          {t('cron.new')}
        </Button>
      </WhyNot>
    </>
  );
  const textOf = ({ name, site, runsAs, work }: ListedCronJob): string =>
    [name, site?.name, runsAs, work.kind === 'url' ? work.url : work.language].join('\n').toLowerCase();
  const shown = (data?.items ?? []).filter((job) => matches[show](job) && textOf(job).includes(wanted)).sort(inOrder);
  const isEmpty = data?.items.length === 0;
  return (
    <Page title={t('cron.title')} description={t('cron.lead')} {...(isEmpty ? {} : { actions: add })}>
      {!isEmpty && (
        <div className={classes.bar}>
          <TextInput
            className={classes.search ?? ''}
            type="search"
            value={search}
            onChange={(event) => {
              const text = event.currentTarget.value;
              void navigate({ search: (before) => ({ ...before, search: text }), replace: true });
            }}
            placeholder={t('cron.search')}
            aria-label={t('cron.search')}
            leftSection={<IconSearch size={17} stroke={1.8} aria-hidden />}
            maxLength={200}
          />
          <div className={classes.scroller}>
            <SegmentedControl
              size="xs"
              value={show}
              onChange={(value) =>
                void navigate({ search: (before) => ({ ...before, show: value as CronFilter }), replace: true })
              }
              data={cronFilters.map((value) => ({ value, label: t(`cron.filters.${value}`) }))}
              aria-label={t('cron.show')}
            />
          </div>
          {data !== undefined && (
            <p className={`${classes.total} numbers`} role="status">
              {t('cron.count', { count: shown.length, value: format.number(shown.length) })}
            </p>
          )}
        </div>
      )}
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={6} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : isEmpty ? (
          <EmptyState
            icon={IconClockPlay}
            title={t('cron.none')}
            text={t('cron.noneText')}
            action={<Group justify="center">{add}</Group>}
          />
        ) : shown.length === 0 ? (
          <EmptyState
            icon={IconFilterOff}
            title={t('cron.nothing')}
            action={
              <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                {t('cron.showAll')}
              </Button>
            }
          />
        ) : (
          <CronTable items={shown} />
        )}
      </Section>
      <Suspense>
        {isImporting && <ImportSheet onClose={() => setIsImporting(false)} />}
        {isMaking && data !== undefined && <CronForm list={data} onClose={() => setIsMaking(false)} />}
      </Suspense>
    </Page>
  );
}

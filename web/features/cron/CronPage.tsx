import { ActionIcon, Button, Group, Menu, SegmentedControl, TextInput } from '@mantine/core';
import {
  IconClockPlay,
  IconDots,
  IconFileExport,
  IconFileImport,
  IconFileUpload,
  IconFilterOff,
  IconPlus,
  IconSearch,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan, useMe } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { ColumnsButton } from '../../ui/lists/ColumnsButton.tsx';
import { useListColumns } from '../../ui/lists/list-columns.ts';
import { inOrder, listPageSize, pageOf } from '../../ui/lists/list-order.ts';
import { changedSearch, type ListChange } from '../../ui/lists/list-search.ts';
import { SortMenu } from '../../ui/lists/SortMenu.tsx';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { saveCronFile } from './cron-file.ts';
import { cronValue, firstOrder } from './cron-order.ts';
import { cronFilters, cronSorts, type CronFilter, type CronSort } from './cron-search.ts';
import { cronQuery, useExportCronJobs, type ListedCronJob } from './cron.queries.ts';
import classes from './Cron.module.css';
import { cronColumns, CronTable } from './CronTable.tsx';

const CronForm = lazy(async () => ({ default: (await import('./CronForm.tsx')).CronForm }));
const CronBatchBar = lazy(async () => ({ default: (await import('./CronBatchBar.tsx')).CronBatchBar }));
const CronFileSheet = lazy(async () => ({ default: (await import('./CronFileSheet.tsx')).CronFileSheet }));
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

function searchedIn(work: ListedCronJob['work']): string {
  switch (work.kind) {
    case 'script':
      return work.language;
    case 'url':
      return work.url;
    case 'service':
      return work.unit;
    default:
      return '';
  }
}

type CronChange = ListChange<CronSort> & { readonly show?: CronFilter | undefined };

function CronJobs() {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = route.useNavigate();
  const { search = '', show = 'all', sort = 'next', order = firstOrder(sort), page: wantedPage } = route.useSearch();
  const setSearch = (change: CronChange): void =>
    void navigate({ search: (before) => changedSearch(before, change), replace: true });
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const { data, error, refetch } = useQuery(cronQuery);
  const { siteScope } = useMe();
  const columns = useListColumns('cron', cronColumns);
  const [isMaking, setIsMaking] = useState(false);
  const [isImporting, setIsImporting] = useState(false);
  const [isReading, setIsReading] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const save = useExportCronJobs();
  const errorText = useErrorText();
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
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t('cron.file.menu')} title={t('cron.file.menu')}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconFileExport size={17} aria-hidden />}
            disabled={save.isPending || data === undefined || data.items.length === 0}
            onClick={() =>
              finish(save, null, {
                onSuccess: saveCronFile,
                onError: (failure) => sayFailed(t('cron.file.exportFailed'), errorText(failure)),
              })
            }
          >
            {t('cron.file.save')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileUpload size={17} aria-hidden />}
            disabled={!mayWrite}
            onClick={() => setIsReading(true)}
          >
            {t('cron.file.open')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
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
    [name, site?.name, runsAs, t(`cron.kinds.${work.kind}`), searchedIn(work)].join('\n').toLowerCase();
  const found = (data?.items ?? []).filter((job) => matches[show](job) && textOf(job).includes(wanted));
  const byName = inOrder(found, cronValue.name, 'asc');
  const { page, items: shown } = pageOf(inOrder(byName, cronValue[sort], order), wantedPage);
  const isEmpty = data?.items.length === 0;
  // What is not in sight is not touched.
  const ids = shown.map(({ id }) => id).filter((id) => chosen.has(id));
  return (
    <Page title={t('cron.title')} description={t('cron.lead')} {...(isEmpty ? {} : { actions: add })}>
      {!isEmpty && (
        <div className={classes.bar}>
          <TextInput
            className={classes.search ?? ''}
            type="search"
            value={search}
            onChange={(event) => setSearch({ search: event.currentTarget.value })}
            placeholder={t('cron.search')}
            aria-label={t('cron.search')}
            leftSection={<IconSearch size={17} stroke={1.8} aria-hidden />}
            maxLength={200}
          />
          <div className={classes.scroller}>
            <SegmentedControl
              size="xs"
              value={show}
              onChange={(value) => setSearch({ show: value === 'all' ? undefined : (value as CronFilter) })}
              data={cronFilters.map((value) => ({ value, label: t(`cron.filters.${value}`) }))}
              aria-label={t('cron.show')}
            />
          </div>
          <SortMenu
            size="xs"
            choices={cronSorts.filter((each) => each === 'name' || each === sort || columns.shown.includes(each))}
            label={(column) => t(`cron.columns.${column}`)}
            {...{ sort, order, firstOrder }}
            onChange={(by, to) => setSearch({ sort: by, order: to })}
          />
          <ColumnsButton
            size="xs"
            offered={cronColumns}
            chosen={columns.shown}
            usual={cronColumns}
            label={(column) => t(`cron.columns.${column}`)}
            onChoose={columns.choose}
          />
          {data !== undefined && (
            <p className={`${classes.total} numbers`} role="status">
              {t('cron.count', { count: found.length, value: format.number(found.length) })}
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
        ) : found.length === 0 ? (
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
          <>
            <CronTable
              items={shown}
              columns={columns.shown}
              {...{ sort, order, chosen }}
              onSort={(by, to) => setSearch({ sort: by, order: to })}
              onChoose={(wanted) => setChosen(new Set(wanted))}
            />
            <Pager page={page} pageSize={listPageSize} total={found.length} onPage={(to) => setSearch({ page: to })} />
          </>
        )}
      </Section>
      <Suspense>
        {ids.length > 0 && <CronBatchBar ids={ids} onClear={() => setChosen(new Set())} />}
        {isReading && <CronFileSheet onClose={() => setIsReading(false)} />}
        {isImporting && <ImportSheet onClose={() => setIsImporting(false)} />}
        {isMaking && data !== undefined && <CronForm list={data} onClose={() => setIsMaking(false)} />}
      </Suspense>
    </Page>
  );
}

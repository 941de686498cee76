import { UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconListCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupRun, BackupState } from '#shared/backups.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { shownMs } from '../jobs/job-log.ts';
import tableClasses from '../jobs/JobsTable.module.css';
import { useNow } from '../jobs/use-now.ts';
import { backupsQuery, runsPageSize, runsQuery } from './backups.queries.ts';
import { BackupsTabs } from './BackupsTabs.tsx';
import { RunState } from './RunState.tsx';
import { runTitle } from './run-texts.ts';

const route = getRouteApi('/signed-in/backups/runs');
const RunSheet = lazy(async () => ({ default: (await import('./RunSheet.tsx')).RunSheet }));

/** Everything that was done with backups, also by the timer. */
export function RunsPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="backups.read" title={t('backups.runs.title')}>
      <Runs />
    </NeedsPermission>
  );
}

function Runs() {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const { page = 1, run: openId } = route.useSearch();
  const state = useQuery(backupsQuery).data;
  const { data, error, refetch, isPlaceholderData } = useQuery(runsQuery(page));
  const now = useNow(data?.items.some(({ endedAt }) => endedAt === null) === true);
  const open = (run: string): void => void navigate({ search: (before) => ({ ...before, run }), resetScroll: false });
  const close = (): void => void navigate({ search: ({ run: _run, ...rest }) => rest, resetScroll: false });
  const turn = (next: number): void => {
    void navigate({ search: { page: next } });
    scrollTo({ top: 0 });
  };
  return (
    <Page title={t('backups.runs.title')} description={t('backups.runs.lead')}>
      <BackupsTabs />
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={8} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : data.items.length === 0 ? (
          <EmptyState icon={IconListCheck} title={t('backups.runs.empty')} text={t('backups.runs.emptyText')} />
        ) : (
          <>
            <table
              className={tableClasses.table}
              data-stale={isPlaceholderData || undefined}
              aria-busy={isPlaceholderData}
            >
              <thead>
                <tr>
                  <th scope="col">{t('backups.runs.what')}</th>
                  <th scope="col">{t('backups.runs.state')}</th>
                  <th scope="col" className={tableClasses.wide}>
                    {t('backups.runs.by')}
                  </th>
                  <th scope="col">{t('backups.runs.at')}</th>
                  <th scope="col" className={tableClasses.wide}>
                    {t('backups.runs.took')}
                  </th>
                  <td aria-hidden />
                </tr>
              </thead>
              <tbody>
                {data.items.map((run) => (
                  <RunLine key={run.runId} run={run} state={state} now={now} onOpen={() => open(run.runId)} />
                ))}
              </tbody>
            </table>
            <Pager page={page} pageSize={runsPageSize} total={data.total} onPage={turn} />
          </>
        )}
      </Section>
      <Suspense>{openId !== undefined && <RunSheet key={openId} runId={openId} onClose={close} />}</Suspense>
    </Page>
  );
}

type RunLineProps = {
  readonly run: BackupRun;
  readonly state: BackupState | undefined;
  readonly now: number;
  readonly onOpen: () => void;
};

function RunLine({ run, state, now, onOpen }: RunLineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = runTitle(t, run.request, state);
  const took = shownMs(run, now);
  return (
    // The whole row is a wide target for the pointer; the keyboard has the button in it.
    <tr className={tableClasses.row} onClick={onOpen}>
      <td className={tableClasses.job}>
        <UnstyledButton
          className={tableClasses.title ?? ''}
          aria-label={t('backups.runs.open', { title })}
          onClick={(event) => {
            event.stopPropagation();
            onOpen();
          }}
        >
          {title}
        </UnstyledButton>
      </td>
      <td>
        <RunState run={run} />
      </td>
      <td className={tableClasses.wide}>
        <bdi className={tableClasses.actor}>
          {run.actorName === 'schedule' ? t('backups.runs.schedule') : run.actorName}
        </bdi>
      </td>
      <td>
        <time dateTime={run.startedAt} title={format.dateTime(run.startedAt)}>
          {format.ago(run.startedAt, now)}
        </time>
      </td>
      <td className={`${tableClasses.wide} numbers`}>{took === undefined ? '—' : format.duration(took)}</td>
      <td className={tableClasses.end}>
        <IconChevronRight size={16} className="mirrored" aria-hidden />
      </td>
    </tr>
  );
}

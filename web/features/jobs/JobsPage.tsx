import { Button, Select } from '@mantine/core';
import { IconChecklist, IconFilterOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { jobStates, type Job } from '#shared/jobs.ts';
import { Page } from '../../ui/Page.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { jobsPageSize, jobsQuery } from './jobs.queries.ts';
import { JobsTable } from './JobsTable.tsx';

const route = getRouteApi('/signed-in/jobs');

/** Every job there was, newest first; what is shown stands in the address. */
export function JobsPage() {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const { page = 1, state = null } = route.useSearch();
  const { data, error, refetch, isPlaceholderData } = useQuery(jobsQuery(page, state));
  const choose = (next: Job['state'] | null): void =>
    void navigate({ search: next === null ? {} : { state: next }, replace: true });
  const turn = (next: number): void => {
    void navigate({ search: (before) => ({ ...before, page: next }) });
    scrollTo({ top: 0 });
  };

  return (
    <Page
      title={t('jobs.title')}
      description={t('jobs.description')}
      actions={
        <Select
          aria-label={t('jobs.list.filter')}
          w={190}
          value={state ?? 'all'}
          data={[
            { value: 'all', label: t('jobs.list.all') },
            ...jobStates.map((value) => ({ value, label: t(`jobs.states.${value}`) })),
          ]}
          onChange={(value) => choose(jobStates.find((each) => each === value) ?? null)}
        />
      }
    >
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={8} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : data.items.length === 0 ? (
          <Nothing isFiltered={state !== null} onShowAll={() => choose(null)} />
        ) : (
          <>
            <JobsTable jobs={data.items} isStale={isPlaceholderData} />
            <Pager page={page} pageSize={jobsPageSize} total={data.total} onPage={turn} />
          </>
        )}
      </Section>
    </Page>
  );
}

function Nothing({ isFiltered, onShowAll }: { readonly isFiltered: boolean; readonly onShowAll: () => void }) {
  const { t } = useTranslation();
  if (isFiltered) {
    return (
      <EmptyState
        icon={IconFilterOff}
        title={t('jobs.list.noneInState')}
        action={
          <Button variant="default" onClick={onShowAll}>
            {t('jobs.list.showAll')}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      icon={IconChecklist}
      title={t('jobs.list.empty')}
      text={t('jobs.list.emptyText')}
      action={
        <Button component={Link} to="/software" variant="default">
          {t('jobs.list.emptyAction')}
        </Button>
      }
    />
  );
}

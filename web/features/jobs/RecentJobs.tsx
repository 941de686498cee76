import { Anchor } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { closeJobs } from '../../layout/panels.ts';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { JobRow } from './JobRow.tsx';
import { recentJobsQuery } from './jobs.queries.ts';
import classes from './RecentJobs.module.css';

export function RecentJobs() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(recentJobsQuery);
  if (data === undefined) {
    return error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  if (data.items.length === 0) {
    return <EmptyState icon={IconChecklist} title={t('jobs.list.empty')} text={t('jobs.drawer.emptyText')} />;
  }
  return (
    <>
      <ul className={classes.list}>
        {data.items.map((job) => (
          <li key={job.id}>
            <JobRow job={job} />
          </li>
        ))}
      </ul>
      <div className={classes.foot}>
        <Anchor component={Link} to="/jobs" size="sm" onClick={closeJobs}>
          {t('jobs.list.openAll')}
        </Anchor>
      </div>
    </>
  );
}

import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Job } from '#shared/jobs.ts';
import { openJobs } from '../../layout/panels.ts';
import { useFormat } from '../../ui/format.ts';
import { JobProgress } from './JobProgress.tsx';
import { JobState } from './JobState.tsx';
import { shownMs } from './job-log.ts';
import { jobTitle } from './job-title.ts';
import classes from './JobsTable.module.css';
import { useNow } from './use-now.ts';

/** `isStale`: the rows of the page before, until those of the next one are there. */
export function JobsTable({ jobs, isStale }: { readonly jobs: readonly Job[]; readonly isStale: boolean }) {
  const { t } = useTranslation();
  const now = useNow(jobs.some(({ endedAt }) => endedAt === null));
  return (
    <table className={classes.table} data-stale={isStale || undefined} aria-busy={isStale}>
      <thead>
        <tr>
          <th scope="col">{t('jobs.list.job')}</th>
          <th scope="col">{t('jobs.list.state')}</th>
          <th scope="col" className={classes.wide}>
            {t('jobs.list.startedBy')}
          </th>
          <th scope="col">{t('jobs.list.startedAt')}</th>
          <th scope="col" className={classes.wide}>
            {t('jobs.list.took')}
          </th>
          <td aria-hidden />
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobLine key={job.id} job={job} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function JobLine({ job, now }: { readonly job: Job; readonly now: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = jobTitle(t, job);
  const took = shownMs(job, now);
  const at = job.startedAt ?? job.createdAt;
  return (
    // The whole row is a wide target for the pointer; the keyboard has the button in it.
    <tr className={classes.row} onClick={() => openJobs(job.id)}>
      <td className={classes.job}>
        <UnstyledButton
          className={classes.title}
          aria-label={t('jobs.list.open', { title })}
          onClick={(event) => {
            event.stopPropagation();
            openJobs(job.id);
          }}
        >
          {title}
        </UnstyledButton>
        {job.endedAt === null && <JobProgress job={job} compact />}
      </td>
      <td>
        <JobState state={job.state} />
      </td>
      <td className={classes.wide}>
        <bdi className={classes.actor}>{job.actor.name}</bdi>
      </td>
      <td>
        <time dateTime={at} title={format.dateTime(at)}>
          {format.ago(at)}
        </time>
      </td>
      <td className={`${classes.wide} numbers`}>{took === undefined ? '—' : format.duration(took)}</td>
      <td className={classes.end}>
        <IconChevronRight size={16} className="mirrored" aria-hidden />
      </td>
    </tr>
  );
}

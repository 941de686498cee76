import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Job } from '#shared/jobs.ts';
import { openJobs } from '../../layout/panels.ts';
import { useFormat } from '../../ui/format.ts';
import { JobProgress } from './JobProgress.tsx';
import classes from './JobRow.module.css';
import { JobState } from './JobState.tsx';
import { tookMs } from './job-log.ts';
import { jobTitle } from './job-title.ts';

/** One job of a short list; opens it in the drawer. */
export function JobRow({ job }: { readonly job: Job }) {
  const { t } = useTranslation();
  const format = useFormat();
  const took = job.endedAt === null ? undefined : tookMs(job, 0);
  return (
    <UnstyledButton className={classes.row} onClick={() => openJobs(job.id)}>
      <span className={classes.title}>{jobTitle(t, job)}</span>
      <span className={classes.state}>
        <JobState state={job.state} />
      </span>
      <span className={classes.meta}>
        {format.ago(job.startedAt ?? job.createdAt)}
        {took !== undefined && <> · {format.duration(took)}</>}
      </span>
      {job.endedAt === null && (
        <span className={classes.bar}>
          <JobProgress job={job} compact />
        </span>
      )}
      <IconChevronRight size={16} className={`${classes.chevron} mirrored`} aria-hidden />
    </UnstyledButton>
  );
}

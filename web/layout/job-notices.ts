import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Job } from '#shared/jobs.ts';
import { useCan } from '../api/session.ts';
import { jobTitle } from '../features/jobs/job-title.ts';
import { recentJobsQuery } from '../features/jobs/jobs.queries.ts';
import { onJob } from './live.ts';
import { addNotice } from './panels.ts';

const tones = { succeeded: 'good', failed: 'bad', cancelled: 'warn' } as const;

/** Jobs that have not ended; shown on the button of the top bar. */
export function useOpenJobCount(): number {
  const { data } = useQuery({ ...recentJobsQuery, enabled: useCan()('jobs.read') });
  return data?.items.filter(({ endedAt }) => endedAt === null).length ?? 0;
}

/** Each job that ends while the page is open leaves a notice. */
export function useJobNotices(): void {
  const { t } = useTranslation();
  useEffect(
    () =>
      onJob((job: Job) => {
        const tone = job.endedAt === null ? undefined : tones[job.state as keyof typeof tones];
        if (tone === undefined || job.endedAt === null) return;
        addNotice({ id: job.id, at: job.endedAt, tone, title: jobTitle(t, job), jobId: job.id });
      }),
    [t],
  );
}

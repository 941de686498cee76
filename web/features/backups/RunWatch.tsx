import { Button, Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import type { Job } from '#shared/jobs.ts';
import type { ApiError } from '../../api/errors.ts';
import { openJobs } from '../../layout/panels.ts';
import { useFormat } from '../../ui/format.ts';
import { ErrorState } from '../../ui/States.tsx';
import { useJob } from '../jobs/use-job.ts';
import { runQuery } from './backups.queries.ts';
import { failureError, phaseText } from './run-texts.ts';
import classes from './RunWatch.module.css';

type RunWatchProps = {
  /** Also the id of the run. The caller has it as the `key`. */
  readonly jobId: string;
  /** What is going on, in a sentence. */
  readonly text: string;
  /** What comes of it. */
  readonly children: (end: { readonly state: Job['state']; readonly error: ApiError | null }) => ReactNode;
};

/** A run as it goes on, in the place where it was asked for; then what came of it. */
export function RunWatch({ jobId, text, children }: RunWatchProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { job, error, reload, log } = useJob(jobId);
  const run = useQuery(runQuery(jobId));
  if (error !== null) return <ErrorState error={error} onRetry={reload} />;
  if (job !== undefined && job.endedAt !== null) {
    const { failure, state } = job;
    return children({
      state,
      error: failure === null ? null : failureError(failure as Parameters<typeof failureError>[0]),
    });
  }
  const progress = job?.progress ?? null;
  const phase = run.data?.run.phase ?? null;
  const last = log.lines.at(-1)?.text ?? '';
  return (
    <div className={classes.watch}>
      <p className={classes.text} role="status">
        {text}
      </p>
      <Progress.Root size={8} radius="xl">
        <Progress.Section
          value={progress ?? 100}
          animated={progress === null}
          striped={progress === null}
          aria-label={t('jobs.drawer.progress')}
          {...(progress === null ? { 'aria-valuenow': undefined } : {})}
        />
      </Progress.Root>
      <div className={classes.line}>
        <span>{phase === null ? t('jobs.states.queued') : phaseText(t, phase)}</span>
        {progress !== null && <span className="numbers">{format.percent(progress)}</span>}
      </div>
      {last !== '' && (
        <bdi dir="ltr" className={classes.log}>
          {last}
        </bdi>
      )}
      <Button size="xs" variant="subtle" className={classes.open ?? ''} onClick={() => openJobs(jobId)}>
        {t('backups.restore.log')}
      </Button>
    </div>
  );
}

import { CopyButton as Copier, Button, Group } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorCodes, type ErrorParams } from '#shared/errors.ts';
import type { Job } from '#shared/jobs.ts';
import { ApiError, type ApiErrorCode } from '../../api/errors.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { LogView } from '../../ui/LogView.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { JobActions } from './JobActions.tsx';
import classes from './JobDetail.module.css';
import { JobProgress } from './JobProgress.tsx';
import { JobState } from './JobState.tsx';
import { JobSteps } from './JobSteps.tsx';
import { shownMs } from './job-log.ts';
import { useJob } from './use-job.ts';
import { useNow } from './use-now.ts';

/** One job: where it is, what it did, its log, and what can be done about it. */
export function JobDetail({ jobId }: { readonly jobId: string }) {
  const { job, error, reload, log, isLost } = useJob(jobId);
  if (error !== null) return <ErrorState error={error} onRetry={reload} />;
  if (job === undefined) return <LoadingRows rows={7} />;
  return (
    <>
      <div className={classes.top}>
        <JobFacts job={job} />
        {job.endedAt === null && <JobProgress job={job} />}
        <Outcome job={job} />
        <JobSteps job={job} />
      </div>
      <JobLogPart job={job} lines={log.lines} isLost={isLost} />
      <JobActions job={job} />
    </>
  );
}

function JobFacts({ job }: { readonly job: Job }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(job.endedAt === null);
  const took = shownMs(job, now);
  const startedAt = job.startedAt ?? job.createdAt;
  return (
    <div className={classes.facts}>
      {/* Said once per change of state, not with each second. */}
      <span role="status">
        <JobState state={job.state} />
      </span>
      <span className={classes.meta}>
        <span>{t('jobs.list.by', { name: job.actor.name })}</span>
        <time dateTime={startedAt} title={format.dateTime(startedAt)}>
          {format.ago(startedAt, now)}
        </time>
        {took !== undefined && <span className="numbers">{format.duration(took)}</span>}
        {job.attempts > 1 && <span>{t('jobs.drawer.attempts')}</span>}
      </span>
    </div>
  );
}

/** Why it did not finish, in a sentence. */
function Outcome({ job: { state, failure, id } }: { readonly job: Job }) {
  const { t } = useTranslation();
  const text = useErrorText();
  if (state === 'cancelled') {
    return <p className={classes.note}>{t('jobs.drawer.cancelledText')}</p>;
  }
  if (failure === null) return null;
  const isKnown = Object.hasOwn(errorCodes, failure.code);
  const error = new ApiError({
    code: isKnown ? (failure.code as ApiErrorCode) : 'internal',
    ...(failure.reason === null ? {} : { reason: failure.reason }),
    params: failure.params as ErrorParams,
  });
  return (
    <Notice tone="bad" title={t('jobs.drawer.failed')}>
      {text(error)}
      <div className={classes.number}>
        {t('jobs.drawer.number')} <Token mono>{id}</Token> <CopyButton value={id} />
      </div>
    </Notice>
  );
}

type LogPartProps = {
  readonly job: Job;
  readonly lines: ReturnType<typeof useJob>['log']['lines'];
  readonly isLost: boolean;
};

function JobLogPart({ job, lines, isLost }: LogPartProps) {
  const { t } = useTranslation();
  // How it ended stands at the end of a log.
  const [isFollowing, setIsFollowing] = useState(true);
  const shown = useMemo(() => lines.map(({ seq, text, stream }) => ({ key: seq, text, tone: stream })), [lines]);
  return (
    <section className={classes.log} aria-label={t('jobs.drawer.logLabel')}>
      <Group justify="space-between" className={classes.logHead} wrap="nowrap">
        <h3 className={classes.heading}>{t('jobs.drawer.log')}</h3>
        {isLost && (
          <span className={classes.lost} role="status">
            {t('jobs.drawer.logLost')}
          </span>
        )}
        <Copier value={lines.map(({ text }) => text).join('\n')}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              disabled={lines.length === 0}
              leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
              onClick={copy}
            >
              {copied ? t('common.actions.copied') : t('jobs.drawer.copyLog')}
            </Button>
          )}
        </Copier>
      </Group>
      <div className={classes.logBody}>
        <LogView
          lines={shown}
          isFollowing={isFollowing}
          onFollowingChange={setIsFollowing}
          label={t('jobs.drawer.logLabel')}
          height="100%"
          isWrapped
          empty={t(job.endedAt === null ? 'jobs.drawer.logWaiting' : 'jobs.drawer.logNone')}
        />
      </div>
    </section>
  );
}

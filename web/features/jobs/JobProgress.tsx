import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Job } from '#shared/jobs.ts';
import { useFormat } from '../../ui/format.ts';
import { presentStep } from './job-log.ts';
import { jobStepName } from './job-title.ts';
import classes from './JobProgress.module.css';

/** How far an open job is, with the step under way in words; `compact` without words. */
export function JobProgress({ job, compact = false }: { readonly job: Job; readonly compact?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const isTakingBack = job.state === 'cancelling' || job.state === 'compensating';
  const at = presentStep(job.steps);
  const step = job.steps[at];
  const isUnknown = job.progress === null || isTakingBack;
  return (
    <div className={classes.progress}>
      <Progress.Root size={compact ? 4 : 6} radius="xl">
        <Progress.Section
          value={isUnknown ? 100 : (job.progress ?? 0)}
          animated={isUnknown}
          striped={isUnknown}
          color={isTakingBack ? 'orange' : 'brand'}
          aria-label={t('jobs.drawer.progress')}
          {...(isUnknown ? { 'aria-valuenow': undefined } : {})}
        />
      </Progress.Root>
      {!compact && (
        <div className={classes.words}>
          <span>
            {isTakingBack
              ? t('jobs.drawer.tookBack')
              : step !== undefined && job.state === 'running'
                ? t('jobs.drawer.stepOf', {
                    at: format.number(at + 1),
                    all: format.number(job.steps.length),
                    name: jobStepName(t, step.name),
                  })
                : t(`jobs.states.${job.state}`)}
          </span>
          {!isUnknown && <span className="numbers">{format.percent(job.progress ?? 0)}</span>}
        </div>
      )}
    </div>
  );
}

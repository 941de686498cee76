import { Loader } from '@mantine/core';
import { IconArrowBackUp, IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Job } from '#shared/jobs.ts';
import { useFormat } from '../../ui/format.ts';
import { shownMs } from './job-log.ts';
import { jobStepName } from './job-title.ts';
import classes from './JobSteps.module.css';
import { useNow } from './use-now.ts';

type Step = Job['steps'][number];

/** The steps from top to bottom, each with its state and how long it took. */
export function JobSteps({ job }: { readonly job: Job }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(job.endedAt === null);
  return (
    <ol className={classes.steps} aria-label={t('jobs.drawer.steps')}>
      {job.steps.map((step) => {
        const took = step.endedAt === null && step.state !== 'running' ? undefined : shownMs(step, now);
        return (
          <li key={step.name} className={classes.step} data-state={step.state}>
            <span className={classes.mark} aria-hidden>
              <StepMark state={step.state} />
            </span>
            <span className={classes.name}>{jobStepName(t, step.name)}</span>
            <span className={classes.end}>
              <span className={step.state === 'done' || step.state === 'running' ? 'visually-hidden' : undefined}>
                {t(`jobs.stepStates.${step.state}`)}
              </span>
              {took !== undefined && step.state !== 'compensated' && (
                <span className="numbers">{format.duration(took)}</span>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function StepMark({ state }: Pick<Step, 'state'>) {
  switch (state) {
    case 'done':
      return <IconCheck size={13} stroke={2.6} />;
    case 'running':
      return <Loader size={14} color="var(--app-chart-2)" />;
    case 'failed':
      return <IconX size={13} stroke={2.6} />;
    case 'compensated':
      return <IconArrowBackUp size={13} stroke={2.4} className="mirrored" />;
    case 'skipped':
      return <IconMinus size={12} stroke={2.4} />;
    case 'waiting':
      return null;
  }
}

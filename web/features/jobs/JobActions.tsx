import { Button, Text } from '@mantine/core';
import { useFocusTrap } from '@mantine/hooks';
import { IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Job } from '#shared/jobs.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './JobActions.module.css';
import { useCancelJob, useRetryJob } from './jobs.queries.ts';

/** The foot of an opened job: cancel it while it runs, run it again when it did not succeed. */
export function JobActions({ job }: { readonly job: Job }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const isAllowed = useCan()('jobs.manage');
  const [isAsking, setIsAsking] = useState(false);
  const retry = useRetryJob();

  if (job.state === 'queued' || job.state === 'running') {
    if (isAsking) return <CancelQuestion jobId={job.id} onEnd={() => setIsAsking(false)} />;
    return (
      <Foot isAllowed={isAllowed}>
        <Button
          variant="default"
          disabled={!isAllowed}
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {t('jobs.cancel.action')}
        </Button>
      </Foot>
    );
  }
  if (job.state === 'failed' || job.state === 'cancelled') {
    return (
      <Foot isAllowed={isAllowed}>
        <Button
          disabled={!isAllowed}
          loading={retry.isPending}
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={() =>
            retry.mutate(job.id, {
              onSuccess: (next) => {
                sayDone(t('jobs.retry.started'));
                openJobs(next.id);
              },
              onError: (error) => sayFailed(t('jobs.retry.failed'), errorText(error)),
            })
          }
        >
          {t('jobs.retry.action')}
        </Button>
      </Foot>
    );
  }
  return null;
}

function Foot({ isAllowed, children }: { readonly isAllowed: boolean; readonly children: React.ReactElement }) {
  return (
    <div className={classes.foot}>
      <WhyNot reason={!isAllowed}>{children}</WhyNot>
    </div>
  );
}

/** Asked in place: the job stays in sight. */
function CancelQuestion({ jobId, onEnd }: { readonly jobId: string; readonly onEnd: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const cancel = useCancelJob();
  const trap = useFocusTrap();
  return (
    <div
      ref={trap}
      className={classes.question}
      role="alertdialog"
      aria-labelledby="cancel-title"
      aria-describedby="cancel-text"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onEnd();
      }}
    >
      <Text id="cancel-title" fw={600}>
        {t('jobs.cancel.title')}
      </Text>
      <Text id="cancel-text" size="sm" c="dimmed">
        {t('jobs.cancel.text')}
      </Text>
      <div className={classes.buttons}>
        {/* The drawer closes on Escape unless the focused element says that it is dealt with. */}
        <Button variant="default" data-autofocus data-mantine-stop-propagation="true" onClick={onEnd}>
          {t('jobs.cancel.keep')}
        </Button>
        <Button
          color="red"
          data-mantine-stop-propagation="true"
          loading={cancel.isPending}
          onClick={() =>
            cancel.mutate(jobId, {
              onSuccess: () => sayDone(t('jobs.cancel.asked')),
              onError: (error) => sayFailed(t('jobs.cancel.failed'), errorText(error)),
              onSettled: onEnd,
            })
          }
        >
          {t('jobs.cancel.confirm')}
        </Button>
      </div>
    </div>
  );
}

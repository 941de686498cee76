import { Button, Group, Stack } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { TargetPlace } from '#shared/backups.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { isSameMachine } from './backup-names.ts';
import { useStartRun } from './backups.queries.ts';
import { RunWatch } from './RunWatch.tsx';

type TargetCheckProps = {
  readonly targetId: string;
  readonly place: TargetPlace;
  /** Back to the form. */
  readonly onEdit: () => void;
};

/** A target that was just saved is tried at once: its faults are the form's, and the person is still there. */
export function TargetCheck({ targetId, place, onEdit }: TargetCheckProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const check = useStartRun();
  const wasStarted = useRef(false);
  const start = check.mutate;
  useEffect(() => {
    if (wasStarted.current) return;
    wasStarted.current = true;
    start({ kind: 'check_target', targetId });
  }, [start, targetId]);
  const again = (
    <Group gap="xs">
      <Button size="xs" variant="default" onClick={() => start({ kind: 'check_target', targetId })}>
        {t('backups.target.checkAgain')}
      </Button>
      <Button size="xs" variant="subtle" onClick={onEdit}>
        {t('backups.targets.edit')}
      </Button>
    </Group>
  );
  if (check.isError) {
    return (
      <Notice tone="bad" role="alert" title={t('backups.target.checkBad')} below={again}>
        {errorText(check.error)}
      </Notice>
    );
  }
  if (check.data === undefined) return <Notice tone="info">{t('backups.target.checking')}</Notice>;
  const { id } = check.data;
  return (
    <RunWatch key={id} jobId={id} text={t('backups.target.checking')}>
      {({ state, error }) =>
        state === 'succeeded' ? (
          <Stack gap="md">
            <Notice tone="good" role="status" title={t('backups.target.checkGood')}>
              {t('backups.target.checkGoodText')}
            </Notice>
            {isSameMachine(place) && (
              <Notice tone="warn" title={t('backups.target.sameMachine')}>
                {t('backups.target.sameMachineText')}
              </Notice>
            )}
          </Stack>
        ) : (
          <Notice
            tone="bad"
            role="alert"
            title={t('backups.target.checkBad')}
            below={
              <Group gap="xs">
                {again}
                <Button size="xs" variant="subtle" onClick={() => openJobs(id)}>
                  {t('backups.target.checkLog')}
                </Button>
              </Group>
            }
          >
            {error === null ? t('jobs.drawer.cancelledText') : errorText(error)}
          </Notice>
        )
      }
    </RunWatch>
  );
}

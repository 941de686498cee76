import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { RunReport } from './RunReport.tsx';
import { RunWatch } from './RunWatch.tsx';

/** A restore as it goes on, and what came of it. */
export function RestoreDone({ jobId }: { readonly jobId: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const log = (
    <Button size="xs" variant="default" onClick={() => openJobs(jobId)}>
      {t('backups.restore.log')}
    </Button>
  );
  return (
    <RunWatch jobId={jobId} text={t('backups.restore.running')}>
      {({ state, error }) =>
        state === 'succeeded' ? (
          <>
            <Notice tone="good" role="status" title={t('backups.restore.done')} actions={log}>
              {t('backups.restore.doneText')}
            </Notice>
            <RunReport runId={jobId} />
          </>
        ) : (
          <Notice
            tone="bad"
            role="alert"
            title={t(error === null ? 'backups.restore.cancelled' : 'backups.restore.failed')}
            actions={log}
          >
            {error !== null && <>{errorText(error)} </>}
            {t('backups.restore.failedText')}
          </Notice>
        )
      }
    </RunWatch>
  );
}

import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { runQuery } from './backups.queries.ts';
import classes from './Forms.module.css';
import { Report } from './Report.tsx';
import { RunWatch } from './RunWatch.tsx';

type RestorePreviewProps = {
  readonly jobId: string;
  /** What would happen is on the page. */
  readonly onReady: (isReady: boolean) => void;
  readonly onAgain: () => void;
};

/** A restore that changes nothing: what it would do. */
export function RestorePreview({ jobId, onReady, onAgain }: RestorePreviewProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return (
    <section className={classes.box} aria-label={t('backups.restore.previewTitle')}>
      <RunWatch jobId={jobId} text={t('backups.restore.previewing')}>
        {({ state, error }) =>
          state === 'succeeded' ? (
            <Ready jobId={jobId} onReady={onReady} />
          ) : (
            <Notice
              tone="bad"
              role="alert"
              title={t('backups.restore.failed')}
              below={
                <Group gap="xs">
                  <Button size="xs" variant="default" onClick={onAgain}>
                    {t('common.actions.retry')}
                  </Button>
                  <Button size="xs" variant="subtle" onClick={() => openJobs(jobId)}>
                    {t('backups.restore.log')}
                  </Button>
                </Group>
              }
            >
              {error === null ? t('backups.restore.cancelled') : errorText(error)}
            </Notice>
          )
        }
      </RunWatch>
    </section>
  );
}

function Ready({ jobId, onReady }: Pick<RestorePreviewProps, 'jobId' | 'onReady'>) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(runQuery(jobId));
  const isOver = data !== undefined && data.run.state !== 'running';
  useEffect(() => {
    if (isOver) onReady(true);
  }, [isOver, onReady]);
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined || !isOver) return <LoadingRows rows={3} />;
  return (
    <>
      <h3 className={classes.question}>{t('backups.restore.previewTitle')}</h3>
      {data.report.length === 0 ? (
        <p className={classes.hint}>{t('backups.restore.nothing')}</p>
      ) : (
        <Report report={data.report} isCut={data.isReportCut} />
      )}
    </>
  );
}

import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { backupsApi } from '#shared/backups-api.ts';
import { urlOf } from '../../api/client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { RunWatch } from './RunWatch.tsx';

type FetchedFileProps = { readonly jobId: string; readonly name: string; readonly onClose: () => void };

/** One file on its way out of a backup, then the link to save it. */
export function FetchedFile({ jobId, name, onClose }: FetchedFileProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const close = (
    <Button size="xs" variant="subtle" onClick={onClose}>
      {t('common.actions.close')}
    </Button>
  );
  return (
    <RunWatch jobId={jobId} text={t('backups.members.fetching', { name })}>
      {({ state, error }) =>
        state === 'succeeded' ? (
          <Notice
            tone="good"
            role="status"
            title={t('backups.members.fetched', { name })}
            actions={
              <>
                <Button
                  component="a"
                  size="xs"
                  href={urlOf(backupsApi.download, { params: { runId: jobId } })}
                  download
                  leftSection={<IconDownload size={16} aria-hidden />}
                >
                  {t('backups.members.save')}
                </Button>
                {close}
              </>
            }
          >
            {t('backups.members.fetchedText')}
          </Notice>
        ) : (
          <Notice tone="bad" role="alert" title={t('backups.members.fetchFailed')} actions={close}>
            {error === null ? t('jobs.drawer.cancelledText') : errorText(error)}
          </Notice>
        )
      }
    </RunWatch>
  );
}

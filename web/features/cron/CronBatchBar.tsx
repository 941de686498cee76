import { Button, CloseButton } from '@mantine/core';
import { IconFileExport, IconPlayerPause, IconPlayerPlay, IconPower, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CronBatchAction } from '#shared/cron-transfer.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Outcomes } from '../../ui/lists/ListBatch.tsx';
import type { Outcome } from '../../ui/lists/one-by-one.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { errorOf, saveCronFile } from './cron-file.ts';
import { useCronBatch, useExportCronJobs } from './cron.queries.ts';
import classes from './Cron.module.css';

const icon = { size: 16, stroke: 1.8, 'aria-hidden': true } as const;
const actions = [
  ['run', IconPlayerPlay],
  ['pause', IconPlayerPause],
  ['resume', IconPower],
] as const;

type CronBatchBarProps = { readonly ids: readonly string[]; readonly onClear: () => void };

/** What can be done with the chosen jobs: at the lower edge of the list, while there are any. */
export function CronBatchBar({ ids, onClear }: CronBatchBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('cron.write');
  const batch = useCronBatch();
  const save = useExportCronJobs();
  const [isAsking, setIsAsking] = useState(false);
  const [outcomes, setOutcomes] = useState<readonly Outcome[] | null>(null);
  const count = { count: ids.length, value: format.number(ids.length) };
  const change = (action: CronBatchAction): void =>
    finish(
      batch,
      { action, jobIds: [...ids] },
      {
        onSuccess: ({ items }) => {
          setIsAsking(false);
          if (items.every(({ failure }) => failure === null)) {
            sayDone(t('cron.batch.done'));
            onClear();
          } else {
            setOutcomes(
              items.map(({ name, failure }) =>
                failure === null ? { name, state: 'done' } : { name, state: 'failed', error: errorOf(failure) },
              ),
            );
          }
        },
        onError: (error) => {
          setIsAsking(false);
          sayFailed(t('cron.failed'), errorText(error));
        },
      },
    );
  return (
    <>
      <div className={classes.batch} role="toolbar">
        <CloseButton size="md" aria-label={t('cron.batch.clear')} onClick={onClear} />
        <span className={classes.chosen} role="status">
          {t('cron.batch.chosen', count)}
        </span>
        {mayWrite &&
          actions.map(([action, Icon]) => (
            <Button
              key={action}
              size="xs"
              variant="default"
              leftSection={<Icon {...icon} />}
              disabled={batch.isPending}
              onClick={() => change(action)}
            >
              {t(`cron.batch.${action}`)}
            </Button>
          ))}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconFileExport {...icon} />}
          loading={save.isPending}
          onClick={() =>
            finish(save, [...ids], {
              onSuccess: saveCronFile,
              onError: (error) => sayFailed(t('cron.file.exportFailed'), errorText(error)),
            })
          }
        >
          {t('cron.batch.export')}
        </Button>
        {mayWrite && (
          <Button
            size="xs"
            variant="default"
            color="red"
            leftSection={<IconTrash {...icon} />}
            disabled={batch.isPending}
            onClick={() => setIsAsking(true)}
          >
            {t('cron.batch.delete')}
          </Button>
        )}
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('cron.batch.deleteTitle', count)}
        confirmLabel={t('cron.batch.delete')}
        isDangerous
        isBusy={batch.isPending}
        onConfirm={() => change('delete')}
        onClose={() => setIsAsking(false)}
      >
        {t('cron.batch.deleteText')}
      </ConfirmDialog>
      {outcomes !== null && (
        <Outcomes
          title={t('cron.batch.partly')}
          outcomes={outcomes}
          isRunning={false}
          onClose={() => {
            setOutcomes(null);
            onClear();
          }}
        />
      )}
    </>
  );
}

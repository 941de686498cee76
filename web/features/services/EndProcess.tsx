import { Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useEndProcess, type SeenProcess } from './services.queries.ts';

type EndProcessProps = { readonly process: SeenProcess; readonly onClose: () => void };

/** In peace, or at once. */
export function EndProcess({ process: { pid, startTicks, name }, onClose }: EndProcessProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [signal, setSignal] = useState<'TERM' | 'KILL'>('TERM');
  const end = useEndProcess();
  const shown = `${name} (${pid})`;
  return (
    <ConfirmDialog
      isOpen
      title={t('services.processes.endTitle', { name: shown })}
      confirmLabel={t('services.processes.end')}
      isDangerous
      isBusy={end.isPending}
      onClose={onClose}
      onConfirm={() =>
        finish(
          end,
          { pid, startTicks, signal },
          {
            onSuccess: ({ isGone }) =>
              sayDone(t(isGone ? 'services.processes.ended' : 'services.processes.ending', { name: shown })),
            onError: (error) => sayFailed(t('services.processes.notEnded'), errorText(error)),
            onSettled: onClose,
          },
        )
      }
    >
      {t('services.processes.endText')}
      <Radio.Group
        mt="md"
        value={signal}
        onChange={(value) => setSignal(value === 'KILL' ? 'KILL' : 'TERM')}
        aria-label={t('services.processes.end')}
      >
        <Stack gap="xs">
          <Radio value="TERM" label={t('services.processes.term')} />
          <Radio value="KILL" label={t('services.processes.kill')} />
        </Stack>
      </Radio.Group>
    </ConfirmDialog>
  );
}

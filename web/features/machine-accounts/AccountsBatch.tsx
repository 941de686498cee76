import { Button } from '@mantine/core';
import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { machineAccountsApi, type MachineAccount } from '#shared/machine-accounts.ts';
import { call } from '../../api/client.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useFormat } from '../../ui/format.ts';
import { ListBatchBar, Outcomes } from '../../ui/lists/ListBatch.tsx';
import { useOneByOne } from '../../ui/lists/use-one-by-one.ts';

type BatchProps = { readonly chosen: readonly MachineAccount[]; readonly onClear: () => void };

/** Several users are locked or let in again, one after another. */
export function AccountsBatch({ chosen, onClear }: BatchProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const [asked, setAsked] = useState<'lock' | 'unlock' | null>(null);
  const { running, run, close } = useOneByOne(
    () => void client.invalidateQueries({ queryKey: ['machine', 'accounts'] }),
  );
  const change = (what: 'lock' | 'unlock'): void => {
    setAsked(null);
    const body = what === 'lock' ? { isLocked: true } : { isLocked: false, expiresOn: null };
    run(
      t(`machineAccounts.batch.${what}`),
      chosen,
      ({ name }) => name,
      ({ name }) => call(machineAccountsApi.change, { params: { name }, body }),
    );
  };
  return (
    <>
      {chosen.length > 0 && (
        <ListBatchBar count={chosen.length} onClear={onClear}>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconLock size={16} aria-hidden />}
            onClick={() => setAsked('lock')}
          >
            {t('machineAccounts.batch.lock')}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconLockOpen size={16} aria-hidden />}
            onClick={() => setAsked('unlock')}
          >
            {t('machineAccounts.batch.unlock')}
          </Button>
        </ListBatchBar>
      )}
      <ConfirmDialog
        isOpen={asked !== null}
        isDangerous={asked === 'lock'}
        title={t(`machineAccounts.batch.${asked ?? 'lock'}Title`, {
          count: chosen.length,
          value: format.number(chosen.length),
        })}
        confirmLabel={t(`machineAccounts.batch.${asked ?? 'lock'}`)}
        onClose={() => setAsked(null)}
        onConfirm={() => asked !== null && change(asked)}
      >
        {t(`machineAccounts.batch.${asked ?? 'lock'}Text`)}
      </ConfirmDialog>
      {running !== null && (
        <Outcomes
          {...running}
          onClose={() => {
            close();
            onClear();
          }}
        />
      )}
    </>
  );
}

import { Button, Group, Stack, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DatabaseEngine } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { accountLabel } from './account-label.ts';
import {
  accountQuery,
  useChangeAccount,
  useDropAccount,
  useResetAccountPassword,
  type DatabaseAccount,
} from './database-servers.queries.ts';
import { Grants } from './Grants.tsx';
import { HostForm } from './HostForm.tsx';
import { NewPassword } from './NewPassword.tsx';

type AccountSheetProps = {
  readonly engine: DatabaseEngine;
  readonly account: DatabaseAccount;
  /** Those that rights can be given on. */
  readonly databases: readonly string[];
  readonly onClose: () => void;
};

/** What an account may do on each database, and the account itself. */
export function AccountSheet({ engine, account, databases, onClose }: AccountSheetProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(accountQuery(engine, account.id));
  const { isSystem, databaseId } = account;
  return (
    <SideSheet title={<ForeignText mono>{accountLabel(account)}</ForeignText>} onClose={onClose}>
      <Stack gap="xl">
        {isSystem && (
          <Notice tone="info" title={t('databaseServers.accounts.system')}>
            {t('databaseServers.accounts.systemText')}
          </Notice>
        )}
        {databaseId !== null && (
          <Notice tone="info" title={t('databaseServers.accounts.ofDatabase')}>
            {t('databaseServers.accounts.ofDatabaseText')}
          </Notice>
        )}
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={3} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : (
          <Grants engine={engine} account={account} grants={data.grants} databases={databases} />
        )}
        {!isSystem && <Doors engine={engine} account={account} />}
        {!isSystem && databaseId === null && account.host !== null && (
          <HostForm engine={engine} account={account} onMoved={onClose} />
        )}
        {!isSystem && databaseId === null && <Ends engine={engine} account={account} onClose={onClose} />}
      </Stack>
    </SideSheet>
  );
}

type Part = Pick<AccountSheetProps, 'account' | 'engine'>;

function useSayFailed(): (error: unknown) => void {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return (error) => {
    const text = errorText(error);
    // Whoever closes the question for a factor knows that.
    if (text !== '') sayFailed(t('databaseServers.notChanged'), text);
  };
}

/** Whether it comes in at all, and how. */
function Doors({ engine, account }: Part) {
  const { t } = useTranslation();
  const onError = useSayFailed();
  const change = useChangeAccount(engine, account.id);
  const { isLocked, requiresTls } = account;
  const send = (to: { isLocked: boolean; requiresTls: boolean }): void =>
    finish(change, to, { onSuccess: () => sayDone(t('databaseServers.changed')), onError });
  return (
    <Stack gap="md">
      <Switch
        label={t('databaseServers.accounts.mayEnter')}
        description={t('databaseServers.accounts.mayEnterHint')}
        checked={!isLocked}
        disabled={change.isPending}
        onChange={(event) => send({ isLocked: !event.currentTarget.checked, requiresTls })}
      />
      {engine === 'mariadb' && (
        <Switch
          label={t('databaseServers.accounts.requireTls')}
          description={t('databaseServers.accounts.requireTlsHint')}
          checked={requiresTls}
          disabled={change.isPending}
          onChange={(event) => send({ isLocked, requiresTls: event.currentTarget.checked })}
        />
      )}
    </Stack>
  );
}

/** Another password, and the end. */
function Ends({ engine, account, onClose }: Part & Pick<AccountSheetProps, 'onClose'>) {
  const { t } = useTranslation();
  const onError = useSayFailed();
  const reset = useResetAccountPassword(engine, account.id);
  const drop = useDropAccount(engine, account.id);
  const [password, setPassword] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState<'drop' | 'reset' | null>(null);
  const name = accountLabel(account);
  return (
    <Stack gap="md">
      {password !== null && <NewPassword password={password} />}
      <Group gap="sm">
        <Button variant="default" onClick={() => setIsAsking('reset')}>
          {t('databaseServers.password.reset')}
        </Button>
        <Button variant="default" color="red" onClick={() => setIsAsking('drop')}>
          {t('databaseServers.accounts.drop')}
        </Button>
      </Group>
      <ConfirmDialog
        isOpen={isAsking === 'reset'}
        title={t('databaseServers.password.ask', { name })}
        confirmLabel={t('databaseServers.password.confirm')}
        isDangerous
        isBusy={reset.isPending}
        onClose={() => setIsAsking(null)}
        onConfirm={() =>
          finish(reset, undefined, { onSuccess: setPassword, onError, onSettled: () => setIsAsking(null) })
        }
      >
        {t('databaseServers.password.askText')}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={isAsking === 'drop'}
        title={t('databaseServers.accounts.dropTitle', { name })}
        confirmLabel={t('databaseServers.accounts.dropConfirm')}
        isDangerous
        isBusy={drop.isPending}
        onClose={() => setIsAsking(null)}
        onConfirm={() =>
          finish(drop, undefined, {
            onSuccess: () => {
              sayDone(t('databaseServers.accounts.dropped', { name }));
              onClose();
            },
            onError,
            onSettled: () => setIsAsking(null),
          })
        }
      >
        {t('databaseServers.accounts.dropText')}
      </ConfirmDialog>
    </Stack>
  );
}

import { Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useRemoveRemoteServer, type RemoteServer } from './remote-databases.queries.ts';
import classes from './RemoteDatabases.module.css';

/** The panel forgets it; on the other machine nothing changes. */
export function RemoveRemoteServer({
  server,
  onClose,
}: {
  readonly server: RemoteServer;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { serverId, name, databases } = server;
  const remove = useRemoveRemoteServer(serverId);
  const [typed, setTyped] = useState('');
  const submit = (): void =>
    finish(remove, undefined, {
      onSuccess: () => {
        sayDone(t('remoteDatabases.remove.done', { name }));
        onClose();
      },
    });
  return (
    <ConfirmDialog
      isOpen
      title={t('remoteDatabases.remove.title', { name })}
      confirmLabel={t('remoteDatabases.remove.confirm')}
      isDangerous
      isBusy={remove.isPending}
      canConfirm={typed.trim() === name}
      onConfirm={submit}
      onClose={onClose}
    >
      <Stack gap="md">
        {remove.isError && (
          <Notice tone="bad" role="alert" title={t('remoteDatabases.remove.failed')}>
            {errorText(remove.error)}
          </Notice>
        )}
        <p className={classes.text}>
          {t('remoteDatabases.remove.text')}{' '}
          {databases > 0 && t('remoteDatabases.remove.stay', { count: databases, value: format.number(databases) })}
        </p>
        <TextInput
          label={t('databases.delete.sign', { name })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      </Stack>
    </ConfirmDialog>
  );
}

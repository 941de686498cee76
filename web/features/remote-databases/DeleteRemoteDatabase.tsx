import { Skeleton, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { Gone } from '../databases/Gone.tsx';
import {
  remoteRemovalQuery,
  useRemoveRemoteDatabase,
  type RemoteDatabase,
  type RemoteServer,
} from './remote-databases.queries.ts';

type Props = { readonly server: RemoteServer; readonly database: RemoteDatabase; readonly onClose: () => void };

/** What would go, then the name typed as a signature. Nothing of it is kept: that is said first. */
export function DeleteRemoteDatabase({ server, database, onClose }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { name } = database;
  const databaseId = database.databaseId ?? '';
  const { data: preview, error, refetch } = useQuery(remoteRemovalQuery(server.serverId, databaseId));
  const remove = useRemoveRemoteDatabase(server.serverId, databaseId);
  const [typed, setTyped] = useState('');
  const [hasChanged, setHasChanged] = useState(false);
  const submit = (): void => {
    if (preview === undefined) return;
    finish(remove, preview.confirm, {
      onSuccess: () => {
        sayDone(t('remoteDatabases.deleted', { name }));
        onClose();
      },
      onError: (failure) => {
        if (toApiError(failure).code !== 'changed_meanwhile') return;
        setHasChanged(true);
        setTyped('');
        void refetch();
      },
    });
  };
  const failure = remove.error ?? error;
  const isOther = failure !== null && toApiError(failure).code !== 'changed_meanwhile';
  return (
    <ConfirmDialog
      isOpen
      title={t('databases.delete.title', { name })}
      confirmLabel={t('databases.delete.confirm')}
      isDangerous
      isBusy={remove.isPending}
      canConfirm={preview !== undefined && typed.trim() === name}
      onConfirm={submit}
      onClose={onClose}
    >
      <Stack gap="md">
        {isOther && (
          <Notice tone="bad" role="alert" title={t('databases.delete.failed')}>
            {errorText(failure)}
          </Notice>
        )}
        {hasChanged && (
          <Notice tone="warn" role="alert">
            {t('databases.delete.changed')}
          </Notice>
        )}
        <Notice tone="warn" title={t('remoteDatabases.noBin')}>
          {t('remoteDatabases.noBinText')}
        </Notice>
        {preview === undefined ? (
          error === null && <Skeleton height={120} radius="md" role="status" aria-label={t('common.states.loading')} />
        ) : (
          <Gone preview={preview} />
        )}
        <TextInput
          label={t('databases.delete.sign', { name })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          dir="ltr"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      </Stack>
    </ConfirmDialog>
  );
}

import { Skeleton, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import classes from './Databases.module.css';
import { databaseRemovalQuery, useRemoveDatabase, type Database } from './databases.queries.ts';
import { Gone } from './Gone.tsx';

/** What would go, then the name typed as a signature. A dump is kept before anything is deleted. */
export function DeleteDatabase({ database, onClose }: { readonly database: Database; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { id, name } = database;
  const { data: preview, error, refetch } = useQuery({ ...databaseRemovalQuery(id ?? ''), enabled: id !== null });
  const remove = useRemoveDatabase(id ?? '');
  const [typed, setTyped] = useState('');
  const [hasChanged, setHasChanged] = useState(false);
  const submit = (): void => {
    if (preview === undefined) return;
    finish(remove, preview.confirm, {
      onSuccess: (job) => {
        onClose();
        openJobs(job.id);
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
        {preview === undefined ? (
          error === null && <Skeleton height={120} radius="md" role="status" aria-label={t('common.states.loading')} />
        ) : (
          <Gone preview={preview} />
        )}
        <p className={classes.text}>{t('databases.delete.kept')}</p>
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

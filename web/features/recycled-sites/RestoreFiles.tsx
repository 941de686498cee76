import { Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useRestoreFiles, type RecycledSite } from './recycled-sites.queries.ts';

/** Where the files go: their old folder when it is free, or another. */
export function RestoreFiles({ item, onClose }: { readonly item: RecycledSite; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const restore = useRestoreFiles();
  const [root, setRoot] = useState(item.isRootFree ? (item.root ?? '') : '');
  const errors = restore.isError ? fieldErrors(restore.error) : {};
  const isOther = restore.isError && toApiError(restore.error).fields.length === 0;
  return (
    <ConfirmDialog
      isOpen
      title={t('recycledSites.restore.title', { name: item.slug })}
      confirmLabel={t('recycledSites.restore.confirm')}
      canConfirm={root.trim() !== ''}
      isBusy={restore.isPending}
      onClose={onClose}
      onConfirm={() =>
        finish(
          restore,
          { recycledId: item.id, root: root.trim() },
          {
            onSuccess: (answer) => {
              sayDone(t('recycledSites.restore.done', { root: answer.root }));
              onClose();
            },
          },
        )
      }
    >
      <Stack gap="md">
        <span>{t('recycledSites.restore.text')}</span>
        <TextInput
          label={t('recycledSites.restore.root')}
          description={t('recycledSites.restore.rootHint')}
          error={errors['root']}
          value={root}
          onChange={(event) => setRoot(event.currentTarget.value)}
          placeholder="/www/wwwroot/"
          dir="ltr"
          autoComplete="off"
          spellCheck={false}
        />
        {!item.isRootFree && item.root !== null && <Notice tone="info">{t('recycledSites.restore.taken')}</Notice>}
        {isOther && (
          <Notice tone="bad" role="alert" title={t('recycledSites.restore.failed')}>
            {errorText(restore.error)}
          </Notice>
        )}
      </Stack>
    </ConfirmDialog>
  );
}

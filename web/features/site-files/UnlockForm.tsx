import { Button, Group, Stack } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { useUnlockFile } from './site-files.queries.ts';

/** For a file that is sealed: nothing of it is seen before it opens. */
export function UnlockForm({ uploadId }: { readonly uploadId: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const unlock = useUnlockFile(uploadId);
  const [passphrase, setPassphrase] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (passphrase !== '' && !unlock.isPending) unlock.mutate(passphrase);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <PasswordField
          label={t('siteFiles.sealed.label')}
          description={t('siteFiles.sealed.openHint')}
          value={passphrase}
          onChange={(event) => {
            setPassphrase(event.currentTarget.value);
            if (unlock.isError) unlock.reset();
          }}
          error={unlock.isError ? errorText(unlock.error) : undefined}
          maxLength={200}
          autoComplete="current-password"
          dir="ltr"
        />
        <Group>
          <Button type="submit" loading={unlock.isPending} disabled={passphrase === ''}>
            {t('siteFiles.sealed.open')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

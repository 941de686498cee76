import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { makePasskey, PasskeyError } from '../../api/passkeys.ts';
import { useDeviceName } from '../../ui/DeviceName.tsx';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { newPasskey, useAddPasskey } from './account.queries.ts';

/** A name for it, then the browser's own dialog. */
export function PasskeySetup({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      size={440}
      title={
        <Text component="span" fw={600}>
          {t('account.passkeys.addTitle')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
    >
      <Fields onClose={onClose} />
    </Modal>
  );
}

function Fields({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const deviceName = useDeviceName();
  const [name, setName] = useState(() => deviceName(navigator.userAgent).slice(0, 60));
  const add = useAddPasskey();
  const make = useMutation({
    mutationFn: async () => add.mutateAsync({ name: name.trim(), registration: await makePasskey(await newPasskey()) }),
    onSuccess: () => {
      sayDone(t('account.passkeys.added', { name: name.trim() }));
      onClose();
    },
  });
  const isMissing = name.trim() === '';
  const said = make.isError && !(make.error instanceof PasskeyError) ? fieldErrors(make.error)['name'] : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isMissing && !make.isPending) make.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t('account.passkeys.addText')}
        </Text>
        {make.isError && said === undefined && (
          <Notice tone={isLeft(make.error) ? 'info' : 'bad'} role="alert">
            {make.error instanceof PasskeyError
              ? t(`accounts.passkeyTrouble.${make.error.trouble}`)
              : errorText(make.error)}
          </Notice>
        )}
        <TextInput
          label={t('account.passkeys.name')}
          description={t('account.passkeys.nameHint')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={isMissing ? t('account.passkeys.nameMissing') : said}
          maxLength={60}
          dir="auto"
          data-autofocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} disabled={add.isPending}>
            {t('common.actions.cancel')}
          </Button>
          <Button
            type="submit"
            loading={make.isPending}
            disabled={isMissing}
            leftSection={<IconFingerprint size={18} stroke={1.7} aria-hidden />}
          >
            {t('common.actions.continue')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function isLeft(error: unknown): boolean {
  return error instanceof PasskeyError && error.trouble === 'left';
}

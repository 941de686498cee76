import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useWatchFiles } from './certificates.queries.ts';

const formId = 'watch-files';
const examples = {
  certificatePath: '/etc/letsencrypt/live/example.com/fullchain.pem',
  keyPath: '/etc/letsencrypt/live/example.com/privkey.pem',
} as const;
const paths = ['certificatePath', 'keyPath'] as const;

/** A certificate whose files another tool keeps on this server; asks for a fresh factor. */
export function WatchSheet({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const save = useWatchFiles();
  const [name, setName] = useState('');
  const [given, setGiven] = useState({ certificatePath: '', keyPath: '' });
  const [isTried, setIsTried] = useState(false);
  const isReady = paths.every((path) => given[path].trim() !== '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (!isReady || save.isPending) return;
    const { certificatePath, keyPath } = given;
    save.mutate(
      { name, certificatePath: certificatePath.trim(), keyPath: keyPath.trim() },
      {
        onSuccess: () => {
          sayDone(t('certificates.files.done'));
          onClose();
        },
      },
    );
  };
  const said = save.isError ? fieldErrors(save.error) : {};
  const text = save.isError && toApiError(save.error).fields.length === 0 ? errorText(save.error) : '';
  return (
    <SideSheet
      title={t('certificates.files.title')}
      onClose={save.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t('certificates.files.submit')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="lg">
          <Text size="sm" c="dimmed">
            {t('certificates.files.lead')}
          </Text>
          {text !== '' && (
            <Notice tone="bad" role="alert" title={t('certificates.files.failed')}>
              {text}
            </Notice>
          )}
          {paths.map((path) => (
            <TextInput
              key={path}
              label={t(`certificates.files.${path}`)}
              placeholder={examples[path]}
              {...(path === 'keyPath' ? { description: t('certificates.files.hint') } : {})}
              value={given[path]}
              onChange={(event) => setGiven({ ...given, [path]: event.currentTarget.value })}
              error={said[path] ?? (isTried && given[path].trim() === '' && t('certificates.files.required'))}
              dir="ltr"
              maxLength={4096}
              spellCheck={false}
            />
          ))}
          <TextInput
            label={t('certificates.name')}
            description={t('certificates.nameHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={said['name']}
            maxLength={100}
          />
        </Stack>
      </form>
    </SideSheet>
  );
}

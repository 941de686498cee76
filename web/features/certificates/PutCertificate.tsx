import { Button, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PemFields } from '../../ui/PemFields.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { usePemPair } from '../../ui/use-pem-pair.ts';
import { usePutCertificate, type Certificate } from './certificates.queries.ts';

const formId = 'put-certificate';

type PutCertificateProps = {
  /** The one whose place the new pair takes; null: a further one. */
  readonly replaced: Certificate | null;
  readonly onClose: () => void;
};

/** A certificate of one's own: checked as a whole by the agent before anything changes. */
export function PutCertificate({ replaced, onClose }: PutCertificateProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const save = usePutCertificate(replaced);
  const [name, setName] = useState('');
  const pem = usePemPair(save);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!pem.tryIt() || save.isPending) return;
    save.mutate(
      { name, ...pem.pair },
      {
        onSuccess: () => {
          sayDone(t(replaced === null ? 'certificates.imported' : 'certificates.replaced'));
          onClose();
        },
      },
    );
  };
  return (
    <SideSheet
      title={
        replaced === null ? t('certificates.importTitle') : t('certificates.replaceTitle', { name: replaced.name })
      }
      onClose={save.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t('certificates.submit')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="lg">
          {pem.isOther && (
            <Notice tone="bad" role="alert" title={t('certificates.refused')}>
              {errorText(save.error)}
            </Notice>
          )}
          {replaced === null && (
            <TextInput
              label={t('certificates.name')}
              description={t('certificates.nameHint')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={pem.errors['name']}
              maxLength={100}
            />
          )}
          <PemFields
            texts={pem.texts}
            onEdit={pem.edit}
            errorOf={pem.errorOf}
            chainHint={t('certificates.chainHint')}
          />
        </Stack>
      </form>
    </SideSheet>
  );
}

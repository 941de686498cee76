import { Button, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PemFields, type PemPart, type PemTexts } from '../../ui/PemFields.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
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
  const fieldErrors = useFieldErrors();
  const save = usePutCertificate(replaced);
  const [name, setName] = useState('');
  const [texts, setTexts] = useState<PemTexts>({ chain: '', key: '' });
  const [isTried, setIsTried] = useState(false);
  const edit = (part: PemPart, text: string): void => {
    setTexts((before) => ({ ...before, [part]: text }));
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (texts.chain.trim() === '' || texts.key.trim() === '' || save.isPending) return;
    save.mutate(
      { name, certificate: texts.chain, key: texts.key },
      {
        onSuccess: () => {
          sayDone(t(replaced === null ? 'certificates.imported' : 'certificates.replaced'));
          onClose();
        },
      },
    );
  };
  const errors = save.isError ? fieldErrors(save.error) : {};
  const isOther = save.isError && toApiError(save.error).fields.length === 0;
  const errorOf = (part: PemPart): string | undefined =>
    isTried && texts[part].trim() === ''
      ? t('doors.certificate.required')
      : errors[part === 'chain' ? 'certificate' : 'key'];
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
          {isOther && (
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
              error={errors['name']}
              maxLength={100}
            />
          )}
          <PemFields texts={texts} onEdit={edit} errorOf={errorOf} chainHint={t('certificates.chainHint')} />
        </Stack>
      </form>
    </SideSheet>
  );
}

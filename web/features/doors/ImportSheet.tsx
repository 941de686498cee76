import { Button, Stack } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PemFields, type PemPart, type PemTexts } from '../../ui/PemFields.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useSetCertificate } from './doors.queries.ts';

const formId = 'certificate-form';

/** A certificate of one's own: pasted or from files. The key is kept nowhere in the page. */
export function ImportSheet({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const save = useSetCertificate();
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
    save.mutate({ certificate: texts.chain, key: texts.key }, { onSuccess: onClose });
  };
  const errors = save.isError ? fieldErrors(save.error) : {};
  const isOther = save.isError && toApiError(save.error).fields.length === 0;
  const errorOf = (part: PemPart): string | undefined =>
    isTried && texts[part].trim() === ''
      ? t('doors.certificate.required')
      : errors[part === 'chain' ? 'certificate' : 'key'];
  return (
    <SideSheet
      title={t('doors.certificate.import')}
      onClose={save.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t('doors.certificate.submit')}
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
            <Notice tone="bad" role="alert" title={t('doors.certificate.failed')}>
              {errorText(save.error)}
            </Notice>
          )}
          <PemFields texts={texts} onEdit={edit} errorOf={errorOf} chainHint={t('doors.certificate.chainHint')} />
        </Stack>
      </form>
    </SideSheet>
  );
}

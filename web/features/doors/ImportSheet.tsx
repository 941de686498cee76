import { Button, Stack } from '@mantine/core';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PemFields } from '../../ui/PemFields.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { usePemPair } from '../../ui/use-pem-pair.ts';
import { useSetCertificate } from './doors.queries.ts';

const formId = 'certificate-form';

/** A certificate of one's own: pasted or from files. The key is kept nowhere in the page. */
export function ImportSheet({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const save = useSetCertificate();
  const pem = usePemPair(save);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!pem.tryIt() || save.isPending) return;
    save.mutate(pem.pair, { onSuccess: onClose });
  };
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
          {pem.isOther && (
            <Notice tone="bad" role="alert" title={t('doors.certificate.failed')}>
              {errorText(save.error)}
            </Notice>
          )}
          <PemFields
            texts={pem.texts}
            onEdit={pem.edit}
            errorOf={pem.errorOf}
            chainHint={t('doors.certificate.chainHint')}
          />
        </Stack>
      </form>
    </SideSheet>
  );
}

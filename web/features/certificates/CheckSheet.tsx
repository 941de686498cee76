import { Button, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { parseDomain } from '#shared/sites.ts';
import { checkedPorts } from '#shared/tls-check.ts';
import { toApiError } from '../../api/errors.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useCheckHost } from './certificates.queries.ts';
import { TlsReportView } from './TlsReportView.tsx';

const formId = 'tls-check-form';

/** How the HTTPS of any public host is met, from this server. */
export function CheckSheet({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const check = useCheckHost();
  const [text, setText] = useState('');
  const [port, setPort] = useState(443);
  const [isTried, setIsTried] = useState(false);
  const parsed = parseDomain(text);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (parsed.ok && !check.isPending) check.mutate({ host: parsed.domain.host, port });
  };
  const said = check.isError ? fieldErrors(check.error) : {};
  const isOther = check.isError && toApiError(check.error).fields.length === 0;
  return (
    <SideSheet
      title={t('certificates.check.title')}
      onClose={onClose}
      footer={
        <Button type="submit" form={formId} loading={check.isPending}>
          {t('certificates.check.action')}
        </Button>
      }
    >
      <Stack gap="lg">
        <form id={formId} onSubmit={submit} noValidate>
          <Stack gap="md">
            <TextInput
              label={t('certificates.check.host')}
              description={t('certificates.check.hostHint')}
              placeholder="example.com"
              value={text}
              onChange={(event) => {
                setText(event.currentTarget.value);
                if (check.isError) check.reset();
              }}
              error={isTried && !parsed.ok ? t('certificates.check.hostInvalid') : (said['host'] ?? said['port'])}
              dir="ltr"
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              maxLength={260}
              data-autofocus
            />
            <NativeSelect
              label={t('certificates.check.port')}
              value={String(port)}
              onChange={(event) => setPort(Number(event.currentTarget.value))}
              data={checkedPorts.map(String)}
              maw={160}
              dir="ltr"
            />
          </Stack>
        </form>
        {isOther && (
          <Notice tone="bad" role="alert" title={t('certificates.check.failed')}>
            {errorText(check.error)}
          </Notice>
        )}
        {check.data !== undefined && !check.isPending && <TlsReportView report={check.data} />}
      </Stack>
    </SideSheet>
  );
}

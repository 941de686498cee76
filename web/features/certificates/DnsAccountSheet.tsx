import { Button, NativeSelect, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { tsigAlgorithms, type DnsAccount } from '#shared/dns-accounts.ts';
import { toApiError } from '../../api/errors.ts';
import { newId } from '../../api/new-id.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { usePutDnsAccount } from './certificates.queries.ts';
import {
  bodyOf,
  draftOf,
  fieldOf,
  missingIn,
  type DnsAccountDraft,
  type DnsAccountField,
} from './dns-account-draft.ts';

const formId = 'dns-account-form';

type DnsAccountSheetProps = { readonly known: DnsAccount | null; readonly onClose: () => void };

/** An account of a DNS provider or server. Its secret is typed, and never shown again. */
export function DnsAccountSheet({ known, onClose }: DnsAccountSheetProps) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const [id] = useState(() => known?.id ?? newId());
  const save = usePutDnsAccount(id);
  const [isTried, setIsTried] = useState(false);
  const [draft, setDraft] = useState<DnsAccountDraft>(() => draftOf(known));
  const edit = (change: Partial<DnsAccountDraft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    if (save.isError) save.reset();
  };
  const missing = missingIn(draft, known);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (save.isPending || missing.length > 0) return;
    save.mutate(bodyOf(draft), {
      onSuccess: ({ name }) => {
        sayDone(t('certificates.dns.saved', { name }));
        onClose();
      },
    });
  };
  const refused: Partial<Record<DnsAccountField, string>> = {};
  for (const [name, text] of Object.entries(save.isError ? fieldErrors(save.error) : {})) {
    const field = fieldOf(name);
    if (field !== null) refused[field] = text;
  }
  const isOther = save.isError && (toApiError(save.error).fields.length === 0 || Object.keys(refused).length === 0);
  const errorOf = (field: DnsAccountField): string | undefined =>
    isTried && missing.includes(field) ? t('certificates.dns.required') : refused[field];
  const plain = { dir: 'ltr', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  const isServer = draft.kind === 'rfc2136';
  const isKept = !missing.includes('secret') && draft.secret === '' && known !== null;
  return (
    <SideSheet
      title={t(known === null ? 'certificates.dns.addTitle' : 'certificates.dns.editTitle')}
      onClose={save.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t('certificates.dns.submit')}
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
            <Notice tone="bad" role="alert" title={t('certificates.dns.failed')}>
              {errorText(save.error)}
            </Notice>
          )}
          <SegmentedControl
            key={i18n.language}
            aria-label={t('certificates.dns.kind')}
            value={draft.kind}
            onChange={(value) => edit({ kind: value === 'rfc2136' ? value : 'cloudflare', secret: '' })}
            data={(['cloudflare', 'rfc2136'] as const).map((value) => ({
              value,
              label: t(`certificates.dns.kinds.${value}`),
            }))}
          />
          <TextInput
            label={t('certificates.dns.name')}
            placeholder={t('certificates.dns.nameExample')}
            value={draft.name}
            onChange={(event) => edit({ name: event.currentTarget.value })}
            error={errorOf('name')}
            dir="auto"
            maxLength={100}
            autoComplete="off"
            data-autofocus
          />
          {isServer && (
            <>
              <TextInput
                label={t('certificates.dns.server')}
                description={t('certificates.dns.serverHint')}
                placeholder="ns1.example.com"
                value={draft.server}
                onChange={(event) => edit({ server: event.currentTarget.value })}
                error={errorOf('server')}
                maxLength={253}
                {...plain}
              />
              <TextInput
                label={t('certificates.dns.port')}
                value={draft.port}
                onChange={(event) => edit({ port: event.currentTarget.value })}
                error={errorOf('port')}
                maxLength={5}
                maw={140}
                inputMode="numeric"
                {...plain}
              />
              <TextInput
                label={t('certificates.dns.keyName')}
                value={draft.keyName}
                onChange={(event) => edit({ keyName: event.currentTarget.value })}
                error={errorOf('keyName')}
                maxLength={255}
                {...plain}
              />
              <NativeSelect
                label={t('certificates.dns.algorithm')}
                value={draft.algorithm}
                onChange={(event) => {
                  const algorithm = tsigAlgorithms.find((each) => each === event.currentTarget.value);
                  if (algorithm !== undefined) edit({ algorithm });
                }}
                data={[...tsigAlgorithms]}
                maw={220}
                dir="ltr"
              />
            </>
          )}
          <PasswordField
            label={t(isServer ? 'certificates.dns.secret' : 'certificates.dns.token')}
            description={
              isKept
                ? t('certificates.dns.secretKept')
                : t(isServer ? 'certificates.dns.secretHint' : 'certificates.dns.tokenHint')
            }
            value={draft.secret}
            onChange={(event) => edit({ secret: event.currentTarget.value })}
            error={errorOf('secret')}
            dir="ltr"
            autoComplete="new-password"
            maxLength={400}
          />
        </Stack>
      </form>
    </SideSheet>
  );
}

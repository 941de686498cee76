import { Button, Input, NativeSelect, Radio, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import type { CertificateProof } from '#shared/certificates.ts';
import { provableHosts } from '#shared/site-tls.ts';
import { toApiError } from '../../api/errors.ts';
import { openJobs } from '../../layout/panels.ts';
import { DomainName } from '../../ui/DomainName.tsx';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import classes from './Certificates.module.css';
import { useIssueCertificate, type SiteTlsState } from './certificates.queries.ts';

const formId = 'issue-form';
const keyKinds = ['ecdsa', 'rsa'] as const;

type IssueSheetProps = {
  readonly site: Site;
  readonly accounts: SiteTlsState['dnsAccounts'];
  readonly onClose: () => void;
};

/** A certificate from the authority: how the names are proven, and what most people need not touch. */
export function IssueSheet({ site, accounts, onClose }: IssueSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const issue = useIssueCertificate();
  const canHttp = provableHosts(site.domains, 'http').length > 0;
  const [kind, setKind] = useState<CertificateProof['kind']>(canHttp ? 'http' : accounts.length > 0 ? 'dns' : 'manual');
  const [accountId, setAccountId] = useState(accounts[0]?.id ?? '');
  const [keyKind, setKeyKind] = useState<(typeof keyKinds)[number]>('ecdsa');
  const [email, setEmail] = useState('');
  const hosts = provableHosts(site.domains, kind);
  const isReady = hosts.length > 0 && (kind !== 'dns' || accountId !== '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady || issue.isPending) return;
    const proof = kind === 'dns' ? { kind, accountId } : { kind };
    issue.mutate(
      { siteId: site.id, body: { keyKind, email: email.trim(), proof } },
      {
        onSuccess: (job) => {
          onClose();
          // What there is to do stands on the page below.
          if (kind !== 'manual') openJobs(job.id);
        },
      },
    );
  };
  const said = issue.isError ? fieldErrors(issue.error) : {};
  const isOther = issue.isError && toApiError(issue.error).fields.length === 0;
  return (
    <SideSheet
      title={t('certificates.issue.title')}
      onClose={issue.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={issue.isPending} disabled={!isReady}>
            {t('certificates.issue.action')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={issue.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate>
        <Stack gap="lg">
          {isOther && (
            <Notice tone="bad" role="alert" title={t('certificates.issue.failed')}>
              {errorText(issue.error)}
            </Notice>
          )}
          <Radio.Group
            label={t('certificates.issue.proof')}
            value={kind}
            onChange={(value) => setKind(value === 'dns' || value === 'manual' ? value : 'http')}
          >
            <Stack gap="sm" mt={8}>
              <Radio
                value="http"
                disabled={!canHttp}
                label={t('certificates.issue.proofs.http')}
                description={t('certificates.issue.proofHints.http')}
              />
              <Radio
                value="dns"
                disabled={accounts.length === 0}
                label={t('certificates.issue.proofs.dns')}
                description={t(
                  accounts.length === 0 ? 'certificates.issue.noAccounts' : 'certificates.issue.proofHints.dns',
                )}
              />
              <Radio
                value="manual"
                label={t('certificates.issue.proofs.manual')}
                description={t('certificates.issue.proofHints.manual')}
              />
            </Stack>
          </Radio.Group>
          {kind === 'dns' && accounts.length > 0 && (
            <NativeSelect
              label={t('certificates.issue.account')}
              value={accountId}
              onChange={(event) => setAccountId(event.currentTarget.value)}
              data={accounts.map(({ id, name }) => ({ value: id, label: name }))}
              error={said['proof.accountId']}
            />
          )}
          <Input.Wrapper label={t('certificates.issue.names')} labelElement="div">
            <div className={classes.names}>
              {hosts.length === 0
                ? t('certificates.issue.noHosts')
                : hosts.map((host) => <DomainName key={host} domain={{ host, port: 80 }} />)}
            </div>
          </Input.Wrapper>
          <Radio.Group
            label={t('certificates.issue.keyKind')}
            value={keyKind}
            onChange={(value) => setKeyKind(value === 'rsa' ? 'rsa' : 'ecdsa')}
          >
            <Stack gap="sm" mt={8}>
              {keyKinds.map((each) => (
                <Radio
                  key={each}
                  value={each}
                  label={t(`certificates.issue.keyKinds.${each}`)}
                  description={t(`certificates.issue.keyHints.${each}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <TextInput
            label={t('certificates.issue.email')}
            description={t('certificates.issue.emailHint')}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={said['email']}
            type="email"
            dir="ltr"
            maxLength={200}
            autoComplete="email"
          />
        </Stack>
      </form>
    </SideSheet>
  );
}

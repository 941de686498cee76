import { Button, TextInput } from '@mantine/core';
import { IconCertificate, IconFileImport, IconFileSearch, IconSearch, IconShieldSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { ApiError } from '../../api/errors.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status } from '../../ui/Status.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { CertificateMenu } from './CertificateMenu.tsx';
import classes from './Certificates.module.css';
import { certificatesQuery, type Certificate } from './certificates.queries.ts';
import { DnsAccounts } from './DnsAccounts.tsx';
import { Expiry } from './Expiry.tsx';

const CheckSheet = lazy(async () => ({ default: (await import('./CheckSheet.tsx')).CheckSheet }));
const WatchSheet = lazy(async () => ({ default: (await import('./WatchSheet.tsx')).WatchSheet }));
const PutCertificate = lazy(async () => ({ default: (await import('./PutCertificate.tsx')).PutCertificate }));

/** The shelf of certificates: what is there, until when, and which sites live on it. */
export function CertificatesPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="certificates.read" title={t('certificates.title')}>
      <Shelf />
    </NeedsPermission>
  );
}

function Shelf() {
  const { t } = useTranslation();
  const mayWrite = useCan()('certificates.write');
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim());
  const { data, error, refetch } = useQuery(certificatesQuery(wanted));
  const [open, setOpen] = useState<'import' | 'check' | 'files' | null>(null);
  const close = (): void => setOpen(null);
  const buttons = (
    <>
      <WhyNot reason={!mayWrite}>
        <Button
          variant="default"
          disabled={!mayWrite}
          leftSection={<IconShieldSearch size={17} aria-hidden />}
          onClick={() => setOpen('check')}
        >
          {t('certificates.check.open')}
        </Button>
      </WhyNot>
      <WhyNot reason={!mayWrite}>
        <Button
          variant="default"
          disabled={!mayWrite}
          leftSection={<IconFileSearch size={17} aria-hidden />}
          onClick={() => setOpen('files')}
        >
          {t('certificates.files.open')}
        </Button>
      </WhyNot>
      <WhyNot reason={!mayWrite}>
        <Button
          disabled={!mayWrite}
          leftSection={<IconFileImport size={17} aria-hidden />}
          onClick={() => setOpen('import')}
        >
          {t('certificates.import')}
        </Button>
      </WhyNot>
    </>
  );
  const isEmpty = data?.items.length === 0;
  return (
    <Page title={t('certificates.title')} description={t('certificates.lead')} actions={buttons}>
      <Section padding="flush">
        {(!isEmpty || wanted !== '') && (
          <TextInput
            className={classes.search ?? ''}
            type="search"
            aria-label={t('certificates.search')}
            placeholder={t('certificates.search')}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        )}
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={4} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : isEmpty ? (
          <EmptyState
            icon={IconCertificate}
            title={t(wanted === '' ? 'certificates.none' : 'certificates.noMatch')}
            {...(wanted === '' ? { text: t('certificates.noneText') } : {})}
          />
        ) : (
          <Table certificates={data.items} />
        )}
      </Section>
      <DnsAccounts />
      <Suspense>
        {open === 'import' && <PutCertificate replaced={null} onClose={close} />}
        {open === 'files' && <WatchSheet onClose={close} />}
        {open === 'check' && <CheckSheet onClose={close} />}
      </Suspense>
    </Page>
  );
}

/** Of one that the panel ordered: when it is renewed, or why the last try did not work. */
function Renewal({ of: { renewal } }: { readonly of: Certificate }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  if (renewal === null) return null;
  if (renewal.stopped !== null)
    return <div className={classes.soft}>{t(`certificates.stopped.${renewal.stopped}`)}</div>;
  const at = format.date(renewal.nextAt);
  if (renewal.failure === null) return <div className={classes.soft}>{t('certificates.renewsAt', { at })}</div>;
  const { reason, params } = renewal.failure;
  return (
    <Notice tone="warn" title={t('certificates.renewFailed')} className={classes.failure}>
      {errorText(new ApiError({ code: 'in_use', reason, params }))}{' '}
      {t('certificates.nextTry', { at: format.dateTime(renewal.nextAt) })}
    </Notice>
  );
}

/** Of one that another tool keeps: where, and why its files were not taken up. */
function Files({ of: { files } }: { readonly of: Certificate }) {
  const { t } = useTranslation();
  if (files === null) return null;
  return (
    <>
      <div className={classes.soft}>
        <Token mono>{files.certificatePath}</Token>
      </div>
      {files.fault !== null && (
        <Notice tone="warn" title={t('certificates.files.fault')} className={classes.failure}>
          {t('certificates.files.faultText', { why: files.fault.why })}
        </Notice>
      )}
    </>
  );
}

function Table({ certificates }: { readonly certificates: readonly Certificate[] }) {
  const { t } = useTranslation();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          {(['name', 'expiry', 'sites'] as const).map((column) => (
            <th key={column} scope="col">
              {t(`certificates.columns.${column}`)}
            </th>
          ))}
          <td aria-hidden />
        </tr>
      </thead>
      <tbody>
        {certificates.map((certificate) => (
          <tr key={certificate.id}>
            <td className={classes.what}>
              <span className={classes.name}>
                <bdi>{certificate.name}</bdi>
              </span>
              <span className={classes.names}>
                {certificate.names.map((name) => (
                  <Token key={name}>{name}</Token>
                ))}
              </span>
              <span className={classes.soft}>
                {certificate.isSelfSigned ? t('certificates.selfSigned') : <Token>{certificate.issuer}</Token>}
                {' · '}
                <Token>{certificate.keyKind}</Token>
                {' · '}
                {t(`certificates.sources.${certificate.source}`)}
              </span>
            </td>
            <td className="numbers">
              <Expiry of={certificate} />
              {certificate.revoked !== null && (
                <div>
                  <Status tone="bad">{t('certificates.revoked')}</Status>
                </div>
              )}
              {!certificate.isSelfSigned && certificate.hasKnownRoot === false && (
                <div>
                  <Status tone="warn">{t('certificates.rootUnknown')}</Status>
                </div>
              )}
              <Renewal of={certificate} />
              <Files of={certificate} />
            </td>
            <td>
              {certificate.isOfPanel && (
                <Link to="/doors" className={classes.site}>
                  {t('certificates.ofPanel')}
                </Link>
              )}
              {certificate.sites.length === 0 && !certificate.isOfPanel ? (
                <span className={classes.soft}>{t('certificates.unused')}</span>
              ) : (
                certificate.sites.map(({ id, name }) => (
                  <Link key={id} to="/sites/$siteId/https" params={{ siteId: id }} className={classes.site}>
                    <bdi>{name}</bdi>
                  </Link>
                ))
              )}
            </td>
            <td className={classes.end}>
              <CertificateMenu certificate={certificate} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

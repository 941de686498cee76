import { Button, Stack } from '@mantine/core';
import { IconCertificate } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { siteTlsQuery, type SiteTlsState } from '../certificates/certificates.queries.ts';
import { CaaSuggestion } from '../certificates/CaaSuggestion.tsx';
import { ByHand } from '../certificates/ByHand.tsx';
import { Expiry } from '../certificates/Expiry.tsx';
import { SiteCheck } from '../certificates/SiteCheck.tsx';
import { IssueButton } from '../certificates/IssueButton.tsx';
import { useSite } from './site-context.ts';
import { SiteTlsForm } from './SiteTlsForm.tsx';
import classes from './SiteHttps.module.css';

/** HTTPS of a site: whether it is there, with what, for which names, and how it behaves. */
export function SiteHttps() {
  const site = useSite();
  const { data, error, refetch } = useQuery(siteTlsQuery(site.id));
  if (data === undefined)
    return (
      <Section>
        {error === null ? <LoadingRows /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  return (
    <Stack gap="lg">
      <ByHand siteId={site.id} />
      <Present state={data} />
      {data.fitting.length === 0 && site.tls === null ? <NothingFits /> : <SiteTlsForm state={data} />}
      {site.tls !== null && <SiteCheck siteId={site.id} />}
      <CaaSuggestion siteId={site.id} />
    </Stack>
  );
}

function Present({ state: { certificate, uncovered, dnsAccounts } }: { readonly state: SiteTlsState }) {
  const { t } = useTranslation();
  const site = useSite();
  if (certificate === null)
    return (
      <Notice
        tone="info"
        title={t('certificates.site.off')}
        actions={<IssueButton site={site} accounts={dnsAccounts} isFirst />}
      >
        {t('certificates.site.offText')} {t('certificates.issue.text')}
      </Notice>
    );
  return (
    <Section
      title={t('certificates.site.on')}
      description={<bdi>{certificate.name}</bdi>}
      actions={<IssueButton site={site} accounts={dnsAccounts} isFirst={false} />}
    >
      <dl className={classes.facts}>
        <div>
          <dt>{t('certificates.columns.expiry')}</dt>
          <dd className="numbers">
            <Expiry of={certificate} />
          </dd>
        </div>
        <div>
          <dt>{t('doors.certificate.issuer')}</dt>
          <dd>
            {certificate.isSelfSigned ? t('certificates.selfSigned') : <Token>{certificate.issuer}</Token>}
            {!certificate.isSelfSigned && certificate.hasKnownRoot === false && (
              <Status tone="warn">{t('certificates.rootUnknown')}</Status>
            )}
          </dd>
        </div>
        <div className={classes.wide}>
          <dt>{t('doors.certificate.names')}</dt>
          <dd className={classes.names}>
            {certificate.names.map((name) => (
              <Token key={name}>{name}</Token>
            ))}
          </dd>
        </div>
      </dl>
      {uncovered.length > 0 && (
        <Notice tone="warn" title={t('certificates.site.uncovered')} className={classes.notice}>
          {t('certificates.site.uncoveredText')}{' '}
          {uncovered.map((name) => (
            <Token key={name}>{name}</Token>
          ))}
        </Notice>
      )}
    </Section>
  );
}

function NothingFits() {
  const { t } = useTranslation();
  const maySee = useCan()('certificates.read');
  return (
    <Section>
      <EmptyState
        icon={IconCertificate}
        title={t('certificates.site.fittingNone')}
        text={t('certificates.site.fittingNoneText')}
        action={
          maySee && (
            <Button component={Link} to="/certificates" variant="default">
              {t('certificates.site.toShelf')}
            </Button>
          )
        }
      />
    </Section>
  );
}

import { Button } from '@mantine/core';
import { IconCertificate, IconProgress } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { provableHosts } from '#shared/site-tls.ts';
import type { Site } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import type { SiteTlsState } from './certificates.queries.ts';
import { useOpenIssue } from './use-open-issue.ts';

const IssueSheet = lazy(async () => ({ default: (await import('./IssueSheet.tsx')).IssueSheet }));

type IssueButtonProps = {
  readonly site: Site;
  readonly accounts: SiteTlsState['dnsAccounts'];
  readonly isFirst: boolean;
};

/** Leads to the order of a certificate for a site; while one is under way, to its job. */
export function IssueButton({ site, accounts, isFirst }: IssueButtonProps) {
  const { t } = useTranslation();
  const can = useCan();
  const [isAsking, setIsAsking] = useState(false);
  const openJob = useOpenIssue(site.id);
  const isProvable = provableHosts(site.domains, 'manual').length > 0;
  const whyNot = !can('sites.write')
    ? true
    : !site.isEnabled
      ? t('certificates.issue.siteOff')
      : !isProvable && t('certificates.issue.noNames');
  if (openJob !== undefined)
    return (
      <Button variant="light" leftSection={<IconProgress size={16} aria-hidden />} onClick={() => openJobs(openJob)}>
        {t('certificates.issue.follow')}
      </Button>
    );
  return (
    <>
      <WhyNot reason={whyNot}>
        <Button
          variant={isFirst ? 'filled' : 'default'}
          disabled={whyNot !== false}
          leftSection={<IconCertificate size={17} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {t('certificates.issue.action')}
        </Button>
      </WhyNot>
      <Suspense>
        {isAsking && <IssueSheet site={site} accounts={accounts} onClose={() => setIsAsking(false)} />}
      </Suspense>
    </>
  );
}

import { Button } from '@mantine/core';
import { IconCertificate, IconProgress } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';
import { useIssueCertificate, useReadTlsAnew } from './certificates.queries.ts';

/** Has a certificate issued for a site and opens its job; while one is under way, leads to it. */
export function IssueButton({ site, isFirst }: { readonly site: Site; readonly isFirst: boolean }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const can = useCan();
  const issue = useIssueCertificate();
  const openJob = useOpenIssue(site.id);
  const isProvable = site.domains.some(({ host, port }) => port === 80 && !host.startsWith('*.'));
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
    <WhyNot reason={whyNot}>
      <Button
        variant={isFirst ? 'filled' : 'default'}
        disabled={whyNot !== false}
        loading={issue.isPending}
        leftSection={<IconCertificate size={17} aria-hidden />}
        onClick={() =>
          issue.mutate(site.id, {
            onSuccess: (job) => openJobs(job.id),
            onError: (error) => sayFailed(t('certificates.issue.failed'), errorText(error)),
          })
        }
      >
        {t('certificates.issue.action')}
      </Button>
    </WhyNot>
  );
}

/** The job that orders for this site now; when it ends the page looks again. */
function useOpenIssue(siteId: string): string | undefined {
  const can = useCan();
  const readAnew = useReadTlsAnew();
  const { data } = useQuery({ ...recentJobsQuery, enabled: can('jobs.read') });
  const open = data?.items.find(
    ({ kind, subject, endedAt }) => kind === 'certificates.issue' && subject['siteId'] === siteId && endedAt === null,
  )?.id;
  const before = useRef(open);
  useEffect(() => {
    if (before.current !== undefined && open === undefined) void readAnew();
    before.current = open;
  }, [open, readAnew]);
  return open;
}

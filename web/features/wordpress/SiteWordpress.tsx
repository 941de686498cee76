import { Stack } from '@mantine/core';
import { IconBrandWordpress } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { useSite } from '../sites/site-context.ts';
import { RemoveUnfinished } from './RemoveUnfinished.tsx';
import { wordpressQuery } from './wordpress.queries.ts';
import { WordpressForm } from './WordpressForm.tsx';
import { WordpressJob } from './WordpressJob.tsx';

const route = getRouteApi('/signed-in/sites/$siteId/wordpress');

/** WordPress in a PHP site: what is asked, and what comes of it. */
export function SiteWordpress() {
  const { t } = useTranslation();
  const site = useSite();
  const { unfinished = false } = route.useSearch();
  const isPossible = site.kind === 'php' && site.deploy?.source == null;
  const { data, error, refetch } = useQuery({ ...wordpressQuery(site.id), enabled: isPossible });
  /** A job that failed is looked at until somebody wants another one. */
  const [passed, setPassed] = useState<string | null>(null);
  if (!isPossible)
    return (
      <Section>
        <EmptyState icon={IconBrandWordpress} title={t('wordpress.otherKind')} text={t('wordpress.otherKindText')} />
      </Section>
    );
  if (data === undefined)
    return (
      <Section>
        {error === null ? <LoadingRows /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  const { job } = data;
  return (
    <Stack gap="lg">
      {unfinished && job === null && (
        <Notice
          tone="warn"
          role="status"
          title={t('wordpress.notStarted')}
          actions={<RemoveUnfinished siteId={site.id} />}
        >
          {t('wordpress.unfinished.text')}
        </Notice>
      )}
      {job !== null && job.id !== passed ? (
        <WordpressJob key={job.id} jobId={job.id} site={site} onAgain={() => setPassed(job.id)} />
      ) : (
        <WordpressForm site={site} state={data} />
      )}
    </Stack>
  );
}

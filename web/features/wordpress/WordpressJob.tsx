import { Button, Group } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { ApiError } from '../../api/errors.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { JobSteps } from '../jobs/JobSteps.tsx';
import { useJob } from '../jobs/use-job.ts';
import { addressOf } from '../sites/site-names.ts';
import { RemoveUnfinished } from './RemoveUnfinished.tsx';

type WordpressJobProps = {
  /** The caller has it as the `key`. */
  readonly jobId: string;
  readonly site: Site;
  readonly onAgain: () => void;
};

/** An installation as it goes on, then the way into the new WordPress, or why there is none. */
export function WordpressJob({ jobId, site, onAgain }: WordpressJobProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { job, error, reload } = useJob(jobId);
  if (error !== null) return <ErrorState error={error} onRetry={reload} />;
  const isOver = job !== undefined && job.endedAt !== null;
  const address = addressOf(site.domains);
  const installer =
    address === null
      ? null
      : `${site.tls === null ? address : address.replace(/^http:/, 'https:')}wp-admin/install.php`;
  return (
    <Section
      title={t('wordpress.job.title')}
      actions={
        <Button variant="default" size="xs" onClick={() => openJobs(jobId)}>
          {t('wordpress.job.log')}
        </Button>
      }
    >
      {job?.state === 'succeeded' && (
        <Notice
          tone="good"
          role="status"
          title={t('wordpress.job.done')}
          actions={
            installer === null ? undefined : (
              <Button
                component="a"
                href={installer}
                target="_blank"
                rel="noreferrer"
                rightSection={<IconExternalLink size={16} className="mirrored" aria-hidden />}
              >
                {t('wordpress.job.finish')}
              </Button>
            )
          }
        >
          {t(site.tls === null ? 'wordpress.job.doneTextPlain' : 'wordpress.job.doneText')}
        </Notice>
      )}
      {isOver && job.state !== 'succeeded' && (
        <Notice
          tone={job.state === 'failed' ? 'bad' : 'info'}
          role="alert"
          title={t(job.state === 'failed' ? 'wordpress.job.failed' : 'wordpress.job.cancelled')}
          actions={
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={onAgain}>
                {t('wordpress.job.again')}
              </Button>
              <RemoveUnfinished siteId={site.id} />
            </Group>
          }
        >
          {job.failure === null
            ? t('wordpress.job.takenBack')
            : errorText(
                new ApiError({
                  code: 'in_use',
                  ...(job.failure.reason === null ? {} : { reason: job.failure.reason }),
                  params: job.failure.params as Record<string, string>,
                }),
              )}
          <div>{t('wordpress.unfinished.stays')}</div>
        </Notice>
      )}
      {job !== undefined && (!isOver || job.state !== 'succeeded') && <JobSteps job={job} />}
    </Section>
  );
}

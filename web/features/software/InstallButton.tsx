import { Button, type ButtonProps } from '@mantine/core';
import { IconDownload, IconProgress } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { InstallableName } from '#shared/software.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';
import { useInstall } from './software.queries.ts';

/** Starts the installation and opens its job; while one is under way, leads to it. */
export function InstallButton({
  name,
  size = 'sm',
  label,
  what,
}: {
  readonly name: InstallableName;
  readonly size?: ButtonProps['size'];
  /** Default: only that it installs. */
  readonly label?: string;
  /** In a list: said to those who do not see what stands beside it. */
  readonly what?: string;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const can = useCan();
  const isAllowed = can('software.install');
  const install = useInstall();
  const openJob = useOpenInstall(name);
  if (openJob !== undefined) {
    return (
      <Button
        size={size}
        variant="light"
        leftSection={<IconProgress size={16} aria-hidden />}
        onClick={() => openJobs(openJob)}
      >
        {t('software.install.follow')}
      </Button>
    );
  }
  return (
    <WhyNot reason={!isAllowed}>
      <Button
        size={size}
        variant={what === undefined ? 'filled' : 'light'}
        disabled={!isAllowed}
        loading={install.isPending}
        {...(what === undefined ? {} : { 'aria-label': `${t('software.install.action')} ${what}` })}
        leftSection={<IconDownload size={16} aria-hidden />}
        onClick={() =>
          install.mutate(name, {
            onSuccess: (job) => openJobs(job.id),
            onError: (error) => sayFailed(t('software.install.failed'), errorText(error)),
          })
        }
      >
        {label ?? t('software.install.action')}
      </Button>
    </WhyNot>
  );
}

/** The job that installs this now. */
export function useOpenInstall(name: InstallableName): string | undefined {
  const can = useCan();
  const { data } = useQuery({ ...recentJobsQuery, enabled: can('jobs.read') });
  return data?.items.find(
    ({ kind, subject, endedAt }) => kind === 'software.install' && subject['software'] === name && endedAt === null,
  )?.id;
}

import { Button, type ButtonProps } from '@mantine/core';
import { IconDownload, IconProgress } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { InstallableName } from '#shared/software.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';

const PlanDialog = lazy(async () => ({ default: (await import('./PlanDialog.tsx')).PlanDialog }));

/** Shows what installing would change, starts it and opens its job; while one is under way, leads to it. */
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
  const can = useCan();
  const isAllowed = can('software.install');
  const [isAsking, setIsAsking] = useState(false);
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
    <>
      <WhyNot reason={!isAllowed}>
        <Button
          size={size}
          variant={what === undefined ? 'filled' : 'light'}
          disabled={!isAllowed}
          {...(what === undefined ? {} : { 'aria-label': `${t('software.install.action')} ${what}` })}
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {label ?? t('software.install.action')}
        </Button>
      </WhyNot>
      {isAsking && (
        <Suspense>
          <PlanDialog work={{ verb: 'install', name }} onClose={() => setIsAsking(false)} />
        </Suspense>
      )}
    </>
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

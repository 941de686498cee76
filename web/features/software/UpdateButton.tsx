import { Button } from '@mantine/core';
import { IconProgress, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UpdatableName } from '#shared/software.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';

const PlanDialog = lazy(async () => ({ default: (await import('./PlanDialog.tsx')).PlanDialog }));

/** Shows what newer packages there are for one program, and brings it up to date. */
export function UpdateButton({ name, what }: { readonly name: UpdatableName; readonly what: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const isAllowed = can('software.install');
  const [isAsking, setIsAsking] = useState(false);
  const { data } = useQuery({ ...recentJobsQuery, enabled: can('jobs.read') });
  const openJob = data?.items.find(
    ({ kind, subject, endedAt }) => kind === 'software.update' && subject['software'] === name && endedAt === null,
  );
  const label = `${t('software.update.action')} ${what}`;
  if (openJob !== undefined)
    return (
      <Button
        size="xs"
        variant="light"
        leftSection={<IconProgress size={15} aria-hidden />}
        onClick={() => openJobs(openJob.id)}
      >
        {t('software.install.follow')}
      </Button>
    );
  return (
    <>
      <WhyNot reason={!isAllowed}>
        <Button
          variant="default"
          size="xs"
          disabled={!isAllowed}
          aria-label={label}
          leftSection={<IconRefresh size={15} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {t('software.update.action')}
        </Button>
      </WhyNot>
      {isAsking && (
        <Suspense>
          <PlanDialog work={{ verb: 'update', name }} onClose={() => setIsAsking(false)} />
        </Suspense>
      )}
    </>
  );
}

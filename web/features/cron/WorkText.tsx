import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import { backupsQuery } from '../backups/backups.queries.ts';
import type { ListedCronJob } from './cron.queries.ts';

const mib = 1024 * 1024;

/** What a job does, in a few words. */
export function WorkText({ job }: { readonly job: Pick<ListedCronJob, 'work' | 'runsAs' | 'siteId'> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { work, runsAs, siteId } = job;
  switch (work.kind) {
    case 'script':
      return <Token>{[work.language, runsAs ?? '—'].join(' · ')}</Token>;
    case 'url':
      return <Token>{`${work.method} ${work.url}`}</Token>;
    case 'backup':
      return <PlanText planId={work.planId} />;
    case 'service':
      return <>{t(`cron.works.${work.verb}`, { unit: work.unit })}</>;
    case 'logs': {
      const whose = t(`cron.works.logs.${work.of === 'journal' ? 'journal' : siteId === null ? 'sites' : 'site'}`);
      const parts = [
        ...(work.rotates ? [t('cron.works.rotates')] : []),
        ...(work.maxAgeDays === null
          ? []
          : [t('cron.works.older', { count: work.maxAgeDays, value: format.number(work.maxAgeDays) })]),
        ...(work.maxMib === null ? [] : [t('cron.works.larger', { size: format.bytes(work.maxMib * mib) })]),
      ];
      return <>{[whose, ...parts].join(' · ')}</>;
    }
  }
}

function PlanText({ planId }: { readonly planId: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...backupsQuery, enabled: useCan()('backups.read') });
  return <>{t('cron.works.backup', { name: data?.plans.find(({ id }) => id === planId)?.plan.name ?? planId })}</>;
}

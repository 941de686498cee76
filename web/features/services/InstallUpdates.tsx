import { Button } from '@mantine/core';
import { IconDownload, IconProgress, IconShieldCheck } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineUpdates, UpgradeScope } from '#shared/software.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';
import { useInstallUpdates } from './services.queries.ts';
import classes from './Services.module.css';

/** Starts the installation of what waits; while one is under way, leads to it. */
export function InstallUpdates({ updates }: { readonly updates: MachineUpdates }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const isAllowed = useCan()('software.install');
  const install = useInstallUpdates();
  const [asked, setAsked] = useState<UpgradeScope>();
  const openJob = useOpenInstall();
  const { items, isInterrupted } = updates;
  const security = items.filter(({ isSecurity }) => isSecurity).length;
  if (openJob !== undefined)
    return (
      <div className={classes.bar}>
        <Button leftSection={<IconProgress size={16} aria-hidden />} onClick={() => openJobs(openJob)}>
          {t('software.install.follow')}
        </Button>
      </div>
    );
  if (items.length === 0 && !isInterrupted) return null;
  const button = (scope: UpgradeScope, count: number) => (
    <WhyNot reason={!isAllowed}>
      <Button
        variant={scope === 'security' || security === 0 ? 'filled' : 'default'}
        disabled={!isAllowed}
        loading={install.isPending}
        leftSection={
          scope === 'security' ? <IconShieldCheck size={16} aria-hidden /> : <IconDownload size={16} aria-hidden />
        }
        onClick={() => setAsked(scope)}
      >
        {t(`services.updates.install.${scope}`, { value: format.number(count) })}
      </Button>
    </WhyNot>
  );
  return (
    <div className={classes.bar}>
      {security > 0 && button('security', security)}
      {button('all', items.length)}
      <ConfirmDialog
        isOpen={asked !== undefined}
        title={t('services.updates.install.title')}
        confirmLabel={t('services.updates.install.confirm')}
        cancelLabel={t('common.actions.cancel')}
        onClose={() => setAsked(undefined)}
        onConfirm={() => {
          setAsked(undefined);
          if (asked !== undefined)
            install.mutate(asked, {
              onSuccess: (job) => openJobs(job.id),
              onError: (error) => sayFailed(t('services.updates.install.failed'), errorText(error)),
            });
        }}
      >
        {t('services.updates.install.text')}
      </ConfirmDialog>
    </div>
  );
}

/** The job that installs updates now. When it ends, what waits is asked anew. */
function useOpenInstall(): string | undefined {
  const client = useQueryClient();
  const { data } = useQuery({ ...recentJobsQuery, enabled: useCan()('jobs.read') });
  const id = data?.items.find(({ kind, endedAt }) => kind === 'updates.install' && endedAt === null)?.id;
  useEffect(() => {
    if (id === undefined) return undefined;
    return () => void client.invalidateQueries({ queryKey: ['updates'] });
  }, [id, client]);
  return id;
}

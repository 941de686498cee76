import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { systemInfoQuery } from '../../api/system.ts';
import { Page } from '../../ui/Page.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { Attention } from './Attention.tsx';
import classes from './DashboardPage.module.css';
import { Disks } from './Disks.tsx';
import { LatestJobs } from './LatestJobs.tsx';
import { LatestSites } from './LatestSites.tsx';
import { MachineFacts } from './MachineFacts.tsx';
import { NewSiteButton } from './NewSiteButton.tsx';
import { PanelCost } from './PanelCost.tsx';
import { RecentChanges } from './RecentChanges.tsx';
import { Services } from './Services.tsx';
import { useMachine } from './use-machine.ts';
import { Vitals } from './Vitals.tsx';

/** The server at a glance: what it does now, what stands on it, what happened last. */
export function DashboardPage() {
  const { t } = useTranslation();
  const can = useCan();
  const { data: info, error, refetch } = useQuery(systemInfoQuery);
  const machine = useMachine();

  if (info === undefined && error !== null) {
    return (
      <Page title={t('dashboard.title')}>
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Page>
    );
  }
  return (
    <Page
      title={t('dashboard.title')}
      heading={info === undefined ? <WaitingHeading title={t('dashboard.title')} /> : <Token>{info.hostname}</Token>}
      description={<MachineFacts info={info} uptimeSeconds={machine.now?.uptimeSeconds} />}
      actions={<NewSiteButton />}
    >
      <div className={classes.stack}>
        <Attention info={info} disks={machine.now?.disks ?? []} />
        <Vitals machine={machine} cores={info?.cpuCores} cpuModel={info?.cpuModel ?? ''} />
        <div className={classes.columns}>
          <div className={classes.stack}>
            {can('sites.read') && <LatestSites counts={info?.siteCounts} />}
            {can('sites.read') && <RecentChanges />}
          </div>
          <div className={classes.stack}>
            <Disks disks={machine.now?.disks} isStale={machine.isStale} />
            <Services services={info?.services} />
            {can('jobs.read') && <LatestJobs />}
          </div>
        </div>
        <PanelCost cost={machine.now?.panel} />
      </div>
    </Page>
  );
}

/** A heading from the first moment; the name of the host takes its place without a jump. */
function WaitingHeading({ title }: { readonly title: string }) {
  return (
    <>
      <span className="visually-hidden">{title}</span>
      <Skeleton component="span" display="inline-block" width={220} height={26} radius="sm" aria-hidden />
    </>
  );
}

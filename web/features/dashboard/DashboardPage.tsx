import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, use, useDeferredValue } from 'react';
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
import { MachineFacts, type SystemInfo } from './MachineFacts.tsx';
import { NewSiteButton } from './NewSiteButton.tsx';
import { PanelCost } from './PanelCost.tsx';
import { RecentChanges } from './RecentChanges.tsx';
import { Services } from './Services.tsx';
import { useMachine, type Machine } from './use-machine.ts';
import { Vitals } from './Vitals.tsx';

type DashboardProps = {
  /** Ends when there is enough to draw what stands below the heading. */
  readonly started: Promise<void>;
};

/** The server at a glance: what it does now, what stands on it, what happened last. */
export function DashboardPage({ started }: DashboardProps) {
  const { t } = useTranslation();
  const { data: info, error, refetch } = useQuery(systemInfoQuery);
  const machine = useMachine();
  // Frame and heading are there first; the rest is drawn in small steps, between which the browser answers.
  const isBelowDrawn = useDeferredValue(true, false);

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
      <Suspense>{isBelowDrawn && <Below started={started} info={info} machine={machine} />}</Suspense>
    </Page>
  );
}

type BelowProps = DashboardProps & { readonly info: SystemInfo | undefined; readonly machine: Machine };

function Below({ started, info, machine }: BelowProps) {
  use(started);
  const can = useCan();
  return (
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

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupState } from '#shared/backups.ts';
import { useCan } from '../../api/session.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { IconCalendarTime } from '@tabler/icons-react';
import { backupsQuery, setsQuery } from './backups.queries.ts';
import { BackupsTabs } from './BackupsTabs.tsx';
import { FirstSteps } from './FirstSteps.tsx';
import classes from './Overview.module.css';
import { PlanItem } from './PlanItem.tsx';
import { RecoveryDialog } from './RecoveryDialog.tsx';
import { concernsOf, nextStep, type History } from './safety.ts';
import { TargetItem } from './TargetItem.tsx';
import { Verdict } from './Verdict.tsx';

const route = getRouteApi('/signed-in/backups');
const PlanSheet = lazy(async () => ({ default: (await import('./PlanSheet.tsx')).PlanSheet }));
const TargetSheet = lazy(async () => ({ default: (await import('./TargetSheet.tsx')).TargetSheet }));

/** So many of a plan's backups show as its recent history. */
const historySize = 14;

/** Whether one is safe, and what is left to do for it. */
export function OverviewPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="backups.read" title={t('backups.title')}>
      <Overview />
    </NeedsPermission>
  );
}

function Overview() {
  const { t } = useTranslation();
  const mayManage = useCan()('backups.manage');
  const navigate = route.useNavigate();
  const { plan, target } = route.useSearch();
  const { data, error, refetch } = useQuery(backupsQuery);
  const open = (search: { plan?: string; target?: string }): void => void navigate({ search, resetScroll: false });
  const close = (): void => open({});
  return (
    <Page title={t('backups.title')} description={t('backups.lead')}>
      <BackupsTabs />
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={7} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <Loaded state={data} onPlan={(id) => open({ plan: id })} onTarget={(id) => open({ target: id })} />
      )}
      <Suspense>
        {plan !== undefined && mayManage && data !== undefined && (
          <PlanSheet key={plan} planId={plan} state={data} onClose={close} />
        )}
        {target !== undefined && mayManage && data !== undefined && (
          <TargetSheet key={target} targetId={target} state={data} onClose={close} />
        )}
      </Suspense>
      <RecoveryDialog />
    </Page>
  );
}

type LoadedProps = {
  readonly state: BackupState;
  /** Opens a plan or target by id, or a `new` one. */
  readonly onPlan: (id: string) => void;
  readonly onTarget: (id: string) => void;
};

function Loaded({ state, onPlan, onTarget }: LoadedProps) {
  const { t } = useTranslation();
  const { plans, targets } = state;
  const histories = useHistories(state);
  const step = nextStep(state);
  const concerns = concernsOf(state, histories);
  return (
    <div className={classes.parts}>
      {step !== null && <FirstSteps state={state} onTarget={() => onTarget('new')} onPlan={() => onPlan('new')} />}
      {plans.length > 0 && (
        <Verdict state={state} histories={histories} concerns={concerns} onTarget={() => onTarget('new')} />
      )}
      {(plans.length > 0 || step === null) && (
        <Section
          title={t('backups.plans.title')}
          padding="flush"
          actions={<AddButton label={t('backups.plans.add')} onClick={() => onPlan('new')} />}
        >
          {plans.length === 0 ? (
            <EmptyState icon={IconCalendarTime} title={t('backups.plans.empty')} text={t('backups.plans.emptyText')} />
          ) : (
            <ul className={classes.list}>
              {plans.map((each) => (
                <PlanItem
                  key={each.id}
                  plan={each}
                  targets={targets}
                  sets={histories.get(each.id)}
                  onEdit={() => onPlan(each.id)}
                />
              ))}
            </ul>
          )}
        </Section>
      )}
      {targets.length > 0 && (
        <Section
          title={t('backups.targets.title')}
          padding="flush"
          actions={<AddButton label={t('backups.targets.add')} onClick={() => onTarget('new')} />}
        >
          <ul className={classes.list}>
            {targets.map((each) => (
              <TargetItem
                key={each.id}
                target={each}
                isUsed={plans.some(({ plan }) => plan.targetIds.includes(each.id))}
                onEdit={() => onTarget(each.id)}
              />
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function AddButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  const mayManage = useCan()('backups.manage');
  return (
    <WhyNot reason={!mayManage}>
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        disabled={!mayManage}
        onClick={onClick}
      >
        {label}
      </Button>
    </WhyNot>
  );
}

/** The newest backups of each plan; a plan whose list is not there yet is missing. */
function useHistories({ plans }: BackupState): ReadonlyMap<string, History> {
  const answers = useQueries({ queries: plans.map(({ id }) => setsQuery({ planId: id }, 1, historySize)) });
  return new Map(
    plans.flatMap(({ id }, index) => {
      const items = answers[index]?.data?.items;
      return items === undefined ? [] : [[id, items] as const];
    }),
  );
}

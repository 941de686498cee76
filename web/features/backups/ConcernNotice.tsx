import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupState, PlannedBackup } from '#shared/backups.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { RecoveryButton } from './RecoveryButton.tsx';
import { failureError } from './run-texts.ts';
import { concernTones, type Concern } from './safety.ts';
import { useRun } from './use-run.ts';

type ConcernNoticeProps = {
  readonly concern: Concern;
  readonly state: BackupState;
  readonly onTarget: () => void;
};

/** One thing that stands against "I am safe", with the way to settle it. */
export function ConcernNotice({ concern, state, onTarget }: ConcernNoticeProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { key } = concern;
  const params = {
    plan: 'plan' in concern ? concern.plan.plan.name : '',
    target: 'targetName' in concern ? concern.targetName : '',
  };
  const reason = 'reason' in concern ? concern.reason : null;
  return (
    <Notice
      tone={concernTones[key]}
      title={t(`backups.concerns.${key}`, params)}
      actions={<Way concern={concern} state={state} onTarget={onTarget} />}
    >
      {t(`backups.concerns.${key}Text`)}
      {reason !== null && <> {errorText(failureError({ code: 'internal', reason, params: {} }))}</>}
    </Notice>
  );
}

function Way({ concern, onTarget }: ConcernNoticeProps): ReactNode {
  const { t } = useTranslation();
  const can = useCan();
  switch (concern.key) {
    case 'noRecovery':
      return <RecoveryButton label={t('backups.concerns.noRecoveryAction')} />;
    case 'sameMachine':
      return (
        <WhyNot reason={!can('backups.manage')}>
          <Button size="xs" variant="default" disabled={!can('backups.manage')} onClick={onTarget}>
            {t('backups.concerns.sameMachineAction')}
          </Button>
        </WhyNot>
      );
    case 'overdue':
    case 'neverRan':
      return <BackUp plan={concern.plan} />;
    case 'unproven':
      return <Prove plan={concern.plan} />;
    case 'runFailed':
      return <RunLink plan={concern.plan} />;
    case 'proofFailed':
      return (
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link {...props} to="/backups/sets" search={{ plan: concern.plan.id }} />}
        >
          {t('backups.plans.showSets')}
        </Button>
      );
    default:
      return null;
  }
}

function RunLink({ plan: { lastRun } }: { readonly plan: PlannedBackup }) {
  const { t } = useTranslation();
  if (lastRun === null) return null;
  return (
    <Button
      size="xs"
      variant="default"
      renderRoot={(props) => <Link {...props} to="/backups/runs" search={{ run: lastRun.runId }} />}
    >
      {t('backups.run.failure')}
    </Button>
  );
}

function BackUp({ plan }: { readonly plan: PlannedBackup }) {
  const { t } = useTranslation();
  const mayCreate = useCan()('backups.create');
  const run = useRun();
  return (
    <WhyNot reason={!mayCreate}>
      <Button
        size="xs"
        variant="default"
        disabled={!mayCreate}
        loading={run.isPending}
        onClick={() => run.start({ kind: 'create', planId: plan.id })}
      >
        {t('backups.plans.backUp')}
      </Button>
    </WhyNot>
  );
}

function Prove({ plan }: { readonly plan: PlannedBackup }) {
  const { t } = useTranslation();
  const mayCreate = useCan()('backups.create');
  const run = useRun();
  const targetId = plan.plan.targetIds[0];
  if (targetId === undefined) return null;
  return (
    <WhyNot reason={!mayCreate}>
      <Button
        size="xs"
        variant="default"
        disabled={!mayCreate}
        loading={run.isPending}
        onClick={() => run.start({ kind: 'prove', targetId, setId: null })}
      >
        {t('backups.plans.prove')}
      </Button>
    </WhyNot>
  );
}

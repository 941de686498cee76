import { Button } from '@mantine/core';
import { IconCheck, IconCloudUpload, IconCalendarTime, IconKey } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupState } from '#shared/backups.ts';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './FirstSteps.module.css';
import { RecoveryButton } from './RecoveryButton.tsx';
import { nextStep } from './safety.ts';

const steps = ['target', 'recovery', 'plan'] as const;
const icons = { target: IconCloudUpload, recovery: IconKey, plan: IconCalendarTime } as const;

type FirstStepsProps = {
  readonly state: BackupState;
  readonly onTarget: () => void;
  readonly onPlan: () => void;
};

/** From nothing to saved: a target, the recovery key, a plan. One thing to do at a time. */
export function FirstSteps({ state, onTarget, onPlan }: FirstStepsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = nextStep(state);
  const isDone = {
    target: state.targets.length > 0,
    recovery: state.recovery !== null,
    plan: state.plans.length > 0,
  } as const;
  const actions: Readonly<Record<(typeof steps)[number], ReactNode>> = {
    target: <StepButton label={t('backups.first.targetAction')} onClick={onTarget} />,
    recovery: <RecoveryButton label={t('backups.first.recoveryAction')} size="sm" />,
    plan: <StepButton label={t('backups.first.planAction')} onClick={onPlan} />,
  };
  return (
    <section className={classes.first}>
      <h2 className={classes.title}>{t('backups.first.title')}</h2>
      <p className={classes.text}>{t('backups.first.text')}</p>
      <ol className={classes.steps}>
        {steps.map((step, index) => {
          const StepIcon = icons[step];
          return (
            <li
              key={step}
              className={classes.step}
              data-state={isDone[step] ? 'done' : step === now ? 'now' : 'later'}
              aria-current={step === now ? 'step' : undefined}
            >
              <span className={classes.mark} aria-hidden>
                {isDone[step] ? <IconCheck size={22} stroke={2.2} /> : <StepIcon size={22} stroke={1.7} />}
              </span>
              <div className={classes.number}>
                {isDone[step] ? t('backups.first.done') : t('backups.first.step', { value: format.number(index + 1) })}
              </div>
              <h3 className={classes.name}>{t(`backups.first.${step}`)}</h3>
              <p className={classes.about}>{t(`backups.first.${step}Text`)}</p>
              {step === now && <div className={classes.action}>{actions[step]}</div>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function StepButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  const mayManage = useCan()('backups.manage');
  return (
    <WhyNot reason={!mayManage}>
      <Button disabled={!mayManage} onClick={onClick}>
        {label}
      </Button>
    </WhyNot>
  );
}

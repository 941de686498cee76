import { CloseButton } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconExclamationCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../ConfirmDialog.tsx';
import { useErrorText } from '../error-text.ts';
import { useFormat } from '../format.ts';
import classes from './ListBatch.module.css';
import type { Outcome } from './one-by-one.ts';

type ListBatchBarProps = { readonly count: number; readonly onClear: () => void; readonly children: ReactNode };

/** What can be done with what is chosen in a list: at its lower edge, while there is anything. */
export function ListBatchBar({ count, onClear, children }: ListBatchBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.bar} role="toolbar" aria-label={t('batches.list.bar')}>
      <CloseButton size="md" aria-label={t('batches.clear')} onClick={onClear} />
      <span className={classes.count} role="status">
        {t('batches.list.chosen', { count, value: format.number(count) })}
      </span>
      {children}
    </div>
  );
}

const signs = { waiting: IconCircleDashed, done: IconCircleCheck, failed: IconExclamationCircle } as const;

type OutcomesProps = {
  readonly title: string;
  readonly outcomes: readonly Outcome[];
  readonly isRunning: boolean;
  readonly onClose: () => void;
};

/** For each of several how it went, in words where it failed. Closed while it runs, the rest is left out. */
export function Outcomes({ title, outcomes, isRunning, onClose }: OutcomesProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return (
    <ConfirmDialog
      isOpen
      title={title}
      confirmLabel=""
      {...(isRunning ? { cancelLabel: t('batches.list.stop') } : {})}
      onConfirm={null}
      onClose={onClose}
    >
      <ul className={classes.outcomes} aria-live="polite" tabIndex={0} aria-label={title}>
        {outcomes.map(({ name, state, error }) => {
          const Sign = signs[state];
          return (
            <li key={name} data-state={state}>
              <Sign size={17} aria-hidden />
              <bdi>{name}</bdi>
              <span className={classes.state}>{t(`batches.list.${state}`)}</span>
              {state === 'failed' && <p>{errorText(error)}</p>}
            </li>
          );
        })}
      </ul>
    </ConfirmDialog>
  );
}

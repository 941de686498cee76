import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './MachineSettings.module.css';

type SaveRowProps = {
  readonly children: ReactNode;
  /** Says to those who do not see the row what is saved. */
  readonly label: string;
  readonly isChanged: boolean;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSave: () => void;
};

/** One setting that is saved by itself, with what went wrong below it. */
export function SaveRow({ children, label, isChanged, isPending, error, onSave }: SaveRowProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('services.write');
  return (
    <form
      className={classes.save}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (mayWrite && isChanged && !isPending) onSave();
      }}
    >
      <div className={classes.field}>{children}</div>
      <WhyNot reason={!mayWrite}>
        <Button
          type="submit"
          variant="default"
          aria-label={`${t('common.actions.save')}: ${label}`}
          disabled={!mayWrite || !isChanged}
          loading={isPending}
        >
          {t('common.actions.save')}
        </Button>
      </WhyNot>
      {error !== null && (
        <p className={classes.error} role="alert">
          {errorText(error)}
        </p>
      )}
    </form>
  );
}

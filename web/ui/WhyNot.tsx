import { Tooltip } from '@mantine/core';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './WhyNot.module.css';

type WhyNotProps = {
  /** The control is disabled for this reason; true: the role does not allow it; false: it is not disabled. */
  readonly reason: string | boolean;
  readonly children: ReactElement;
};

/** Says why a control cannot be used. A disabled control hears neither pointer nor keyboard: what is around it does. */
export function WhyNot({ reason, children }: WhyNotProps) {
  const { t } = useTranslation();
  if (reason === false) return children;
  const label = reason === true ? t('common.states.notAllowed') : reason;
  return (
    <Tooltip label={label} events={{ hover: true, focus: true, touch: true }}>
      {/* The reason has to be reachable without a mouse. */}
      <span className={classes.around} tabIndex={0}>
        {children}
      </span>
    </Tooltip>
  );
}

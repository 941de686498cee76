import {
  IconAlertTriangle,
  IconCircleCheck,
  IconExclamationCircle,
  IconInfoCircle,
  type Icon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Notice.module.css';

type NoticeProps = {
  readonly tone: 'info' | 'good' | 'warn' | 'bad';
  readonly title?: ReactNode;
  /** Empty text, as of an error that the person caused on purpose: nothing is shown. */
  readonly children?: ReactNode;
  /** Buttons; beside the text where there is room. */
  readonly actions?: ReactNode;
  /** Over the whole width below: a difference, a program's own words. */
  readonly below?: ReactNode;
  readonly icon?: Icon;
  /** `alert` for what appears because something went wrong. */
  readonly role?: 'alert' | 'status';
  readonly className?: string | undefined;
};

const icons = {
  info: IconInfoCircle,
  good: IconCircleCheck,
  warn: IconAlertTriangle,
  bad: IconExclamationCircle,
} as const;

/** Something to know, in place: a coloured sign, quiet ground, what can be done about it. */
export function Notice({ tone, title, children, actions, below, icon, role, className }: NoticeProps) {
  if (children === '') return null;
  const Sign = icon ?? icons[tone];
  return (
    <div className={`${classes.notice} ${className ?? ''}`} data-tone={tone} role={role}>
      <Sign size={20} stroke={1.8} className={classes.icon} aria-hidden />
      <div className={classes.content}>
        <div className={classes.text}>
          {title !== undefined && <div className={classes.title}>{title}</div>}
          {children !== undefined && <div className={classes.body}>{children}</div>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        {below !== undefined && <div className={classes.below}>{below}</div>}
      </div>
    </div>
  );
}

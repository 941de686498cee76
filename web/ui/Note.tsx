import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Note.module.css';

type NoteProps = {
  readonly tone: 'bad' | 'idle' | 'warn';
  readonly title?: string;
  readonly children: ReactNode;
};

/** Something to know about the thing beside it: a quiet box with a mark, never colour alone. */
export function Note({ tone, title, children }: NoteProps) {
  const NoteIcon = tone === 'idle' ? IconInfoCircle : IconAlertTriangle;
  return (
    <div className={classes.note} data-tone={tone}>
      <NoteIcon size={18} stroke={1.8} className={classes.icon} aria-hidden />
      <div className={classes.body}>
        {title !== undefined && <div className={classes.title}>{title}</div>}
        {children}
      </div>
    </div>
  );
}

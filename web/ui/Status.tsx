import type { ReactNode } from 'react';
import classes from './Status.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'busy';

/** A dot and a word; the dot breathes while something is under way. Never colour alone. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={classes.status} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      <span>{children}</span>
    </span>
  );
}

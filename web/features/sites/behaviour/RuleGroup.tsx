import type { ReactNode } from 'react';
import classes from './Rules.module.css';

type RuleGroupProps = { readonly title: string; readonly text?: string; readonly children: ReactNode };

/** A part of a card with a heading of its own. */
export function RuleGroup({ title, text, children }: RuleGroupProps) {
  return (
    <section className={classes.group}>
      <div>
        <h3 className={classes.groupTitle}>{title}</h3>
        {text !== undefined && <p className={classes.hint}>{text}</p>}
      </div>
      <div className={classes.groupFields}>{children}</div>
    </section>
  );
}

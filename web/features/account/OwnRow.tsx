import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './AccountPage.module.css';

type OwnRowProps = {
  readonly icon: Icon;
  readonly tone?: 'good' | 'warn' | undefined;
  readonly name: ReactNode;
  /** Short facts, side by side where there is room. */
  readonly facts?: readonly ReactNode[];
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
};

/** One thing of the account in a list: a passkey, a session, a token. */
export function OwnRow({ icon: RowIcon, tone, name, facts = [], actions, children }: OwnRowProps) {
  const shown = facts.filter((fact) => fact !== null && fact !== undefined && fact !== '');
  return (
    <div className={classes.row} role="listitem">
      <span className={classes.sign} data-tone={tone}>
        <RowIcon size={19} stroke={1.7} aria-hidden />
      </span>
      <div className={classes.words}>
        <div className={classes.name}>{name}</div>
        {shown.length > 0 && (
          <div className={classes.facts}>
            {shown.map((fact, index) => (
              <span key={index}>{fact}</span>
            ))}
          </div>
        )}
        {children}
      </div>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}

export function OwnRows({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={classes.rows} role="list" aria-label={label}>
      {children}
    </div>
  );
}

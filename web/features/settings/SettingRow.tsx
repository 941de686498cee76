import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './SettingRow.module.css';

type SettingRowProps = {
  readonly label: string;
  /** Names the control for `aria-labelledby`. */
  readonly id?: string;
  readonly hint?: ReactNode;
  readonly children: ReactNode;
};

/** One setting: what it is beside what can be chosen. */
export function SettingRow({ label, id, hint, children }: SettingRowProps) {
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        <Text fw={600} size="sm" id={id} component="div">
          {label}
        </Text>
        {hint !== undefined && (
          <Text size="sm" c="dimmed" component="div">
            {hint}
          </Text>
        )}
      </div>
      <div className={classes.control}>{children}</div>
    </div>
  );
}

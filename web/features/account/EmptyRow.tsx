import type { ReactNode } from 'react';
import classes from './Passkeys.module.css';

/** A list without anything in it, in one quiet sentence. */
export function EmptyRow({ children }: { readonly children: ReactNode }) {
  return <p className={classes.empty}>{children}</p>;
}

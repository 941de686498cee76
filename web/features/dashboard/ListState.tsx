import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { LoadingRows } from '../../ui/States.tsx';
import classes from './ListState.module.css';

type ListProps<T> = {
  readonly query: UseQueryResult<{ readonly items: readonly T[] }>;
  /** Rows of the shape shown while it loads. */
  readonly rows: number;
  readonly empty: ReactNode;
  readonly children: (items: readonly T[]) => ReactNode;
};

/** A short list of a card: loading, failed, empty, or its rows. One that fails takes no other with it. */
export function ListState<T>({ query: { data, error, refetch }, rows, empty, children }: ListProps<T>) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  if (data === undefined && error !== null) {
    return (
      <div className={classes.state} role="alert">
        <p>{errorText(error)}</p>
        <Button variant="default" size="compact-sm" onClick={() => void refetch()}>
          {t('common.actions.retry')}
        </Button>
      </div>
    );
  }
  if (data === undefined) return <LoadingRows rows={rows} />;
  if (data.items.length === 0) return typeof empty === 'string' ? <p className={classes.empty}>{empty}</p> : empty;
  return <ul className={classes.list}>{children(data.items)}</ul>;
}

import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { SortOrder } from './list-search.ts';
import classes from './SortButton.module.css';

type SortButtonProps = {
  readonly label: string;
  readonly title?: string;
  /** null: the list is by another column. */
  readonly order: SortOrder | null;
  readonly onClick: () => void;
};

/** The head of a column that the list can be sorted by. Its cell says the order by `aria-sort`. */
export function SortButton({ label, title, order, onClick }: SortButtonProps) {
  const OrderIcon = order === 'desc' ? IconArrowDown : IconArrowUp;
  return (
    <UnstyledButton className={classes.sort} title={title} data-active={order !== null || undefined} onClick={onClick}>
      {label}
      <OrderIcon size={14} stroke={2} aria-hidden />
    </UnstyledButton>
  );
}

import { Button, Menu } from '@mantine/core';
import { IconCheck, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { SortOrder } from './list-search.ts';

type SortMenuProps<S extends string> = {
  readonly sort: S;
  readonly order: SortOrder;
  readonly choices: readonly S[];
  readonly label: (sort: S) => string;
  readonly firstOrder: (sort: S) => SortOrder;
  readonly onChange: (sort: S, order: SortOrder) => void;
  readonly size?: 'xs' | 'sm';
};

/** By what a list is sorted, and in which order: also where there is no room for heads of columns. */
export function SortMenu<S extends string>(props: SortMenuProps<S>) {
  const { sort, order, choices, label, firstOrder, onChange, size = 'sm' } = props;
  const { t } = useTranslation();
  const OrderIcon = order === 'asc' ? IconSortAscending : IconSortDescending;
  return (
    <Menu withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          variant="default"
          fw={500}
          px="sm"
          size={size}
          leftSection={<OrderIcon size={size === 'xs' ? 15 : 17} stroke={1.7} className="mirrored" aria-hidden />}
          aria-label={t('sites.list.sortBy', { field: label(sort) })}
        >
          {label(sort)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((choice) => (
          <Menu.RadioItem
            key={choice}
            value={choice}
            checked={choice === sort}
            checkIcon={<IconCheck size={15} aria-hidden />}
            closeMenuOnClick
            onChange={() => onChange(choice, firstOrder(choice))}
          >
            {label(choice)}
          </Menu.RadioItem>
        ))}
        <Menu.Divider />
        {(['asc', 'desc'] as const).map((choice) => (
          <Menu.RadioItem
            key={choice}
            value={choice}
            checked={choice === order}
            checkIcon={<IconCheck size={15} aria-hidden />}
            closeMenuOnClick
            onChange={() => onChange(sort, choice)}
          >
            {t(`sites.list.${choice}`)}
          </Menu.RadioItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

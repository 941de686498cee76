import { Button, Menu } from '@mantine/core';
import { IconCheck, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { SiteSort } from '#shared/site-columns.ts';

export type SortOrder = 'asc' | 'desc';

const firstDescending: readonly SiteSort[] = ['createdAt', 'updatedAt', 'requests', 'bytes'];

/**
 * The order in which a column is wanted first: names from the beginning, times from the newest, the most visited sites,
 * and what needs somebody soonest: the oldest backups and the next ends.
 */
export function firstOrder(sort: SiteSort): SortOrder {
  return firstDescending.includes(sort) ? 'desc' : 'asc';
}

type SortMenuProps = {
  readonly sort: SiteSort;
  readonly order: SortOrder;
  readonly choices: readonly SiteSort[];
  readonly onChange: (sort: SiteSort, order: SortOrder) => void;
};

export function SortMenu({ sort, order, choices, onChange }: SortMenuProps) {
  const { t } = useTranslation();
  const OrderIcon = order === 'asc' ? IconSortAscending : IconSortDescending;
  return (
    <Menu withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          variant="default"
          fw={500}
          px="sm"
          leftSection={<OrderIcon size={17} stroke={1.7} className="mirrored" aria-hidden />}
          aria-label={t('sites.list.sortBy', { field: t(`sites.fields.${sort}`) })}
        >
          {t(`sites.fields.${sort}`)}
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
            {t(`sites.fields.${choice}`)}
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

import { Button, Menu } from '@mantine/core';
import { IconCheck, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { fileSorts } from '#shared/files.ts';
import type { FileOrder } from './files.queries.ts';

type OrderMenuProps = { readonly order: FileOrder; readonly onOrder: (order: FileOrder) => void };

/** In which order the entries are: also where there are no headings to press. */
export function OrderMenu({ order: { sort, isDescending }, onOrder }: OrderMenuProps) {
  const { t } = useTranslation();
  const OrderIcon = isDescending ? IconSortDescending : IconSortAscending;
  const item = (label: string, isOn: boolean, order: FileOrder) => (
    <Menu.RadioItem
      key={label}
      value={label}
      checked={isOn}
      checkIcon={<IconCheck size={15} aria-hidden />}
      closeMenuOnClick
      onChange={() => onOrder(order)}
    >
      {label}
    </Menu.RadioItem>
  );
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          fw={500}
          title={t('files.order')}
          leftSection={<OrderIcon size={16} stroke={1.7} className="mirrored" aria-hidden />}
        >
          {t(`files.columns.${sort}`)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {fileSorts.map((each) => item(t(`files.columns.${each}`), each === sort, { sort: each, isDescending }))}
        <Menu.Divider />
        {item(t('files.ascending'), !isDescending, { sort, isDescending: false })}
        {item(t('files.descending'), isDescending, { sort, isDescending: true })}
      </Menu.Dropdown>
    </Menu>
  );
}

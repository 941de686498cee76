import { Button, Menu } from '@mantine/core';
import { IconColumns3, IconRestore } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type ColumnsButtonProps<C extends string> = {
  readonly offered: readonly C[];
  readonly chosen: readonly C[];
  readonly usual: readonly C[];
  readonly label: (column: C) => string;
  readonly onChoose: (columns: readonly C[]) => void;
  readonly size?: 'xs' | 'sm';
  readonly menuClassName?: string | undefined;
  /** Below: what else is to be known of the columns. */
  readonly children?: ReactNode;
};

/** Which columns a list shows. */
export function ColumnsButton<C extends string>({
  offered,
  chosen,
  usual,
  label,
  onChoose,
  size = 'sm',
  menuClassName,
  children,
}: ColumnsButtonProps<C>) {
  const { t } = useTranslation();
  const toggle = (column: C): void =>
    onChoose(offered.filter((each) => (each === column ? !chosen.includes(each) : chosen.includes(each))));
  return (
    <Menu withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          variant="default"
          fw={500}
          px="sm"
          size={size}
          leftSection={<IconColumns3 size={size === 'xs' ? 15 : 17} stroke={1.7} aria-hidden />}
        >
          {t('siteColumns.action')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown {...(menuClassName === undefined ? {} : { className: menuClassName })}>
        {offered.map((column) => (
          <Menu.CheckboxItem key={column} checked={chosen.includes(column)} onChange={() => toggle(column)}>
            {label(column)}
          </Menu.CheckboxItem>
        ))}
        <Menu.Divider />
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<IconRestore size={15} className="mirrored" aria-hidden />}
          onClick={() => onChoose(usual)}
        >
          {t('siteColumns.usual')}
        </Menu.Item>
        {children}
      </Menu.Dropdown>
    </Menu>
  );
}

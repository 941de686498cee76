import { Button, Menu, Text } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './SitesToolbar.module.css';

type FilterMenuProps<T extends string> = {
  readonly label: string;
  readonly value: T | undefined;
  readonly choices: readonly { readonly value: T; readonly label: string; readonly note?: string }[];
  readonly onChange: (value: T | undefined) => void;
};

/** One filter: says what it filters, and by what once something is chosen. */
export function FilterMenu<T extends string>({ label, value, choices, onChange }: FilterMenuProps<T>) {
  const { t } = useTranslation();
  const chosen = choices.find((choice) => choice.value === value);
  const isActive = value !== undefined;
  return (
    <Menu position="bottom-start" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          variant={isActive ? 'light' : 'default'}
          fw={500}
          px="sm"
          rightSection={<IconChevronDown size={15} aria-hidden />}
        >
          {label}
          {isActive && (
            <>
              {': '}
              <bdi>{chosen?.label ?? value}</bdi>
            </>
          )}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        {[{ value: undefined, label: t('sites.list.all'), note: undefined }, ...choices].map((choice) => (
          <Menu.RadioItem
            key={choice.value ?? ''}
            value={choice.value ?? ''}
            checked={choice.value === value}
            checkIcon={<IconCheck size={15} aria-hidden />}
            closeMenuOnClick
            rightSection={
              choice.note !== undefined && (
                <Text size="xs" c="dimmed" className="numbers">
                  {choice.note}
                </Text>
              )
            }
            onChange={() => onChange(choice.value)}
          >
            <bdi>{choice.label}</bdi>
          </Menu.RadioItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

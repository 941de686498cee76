import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePreferences } from './preferences.ts';

const choices = [
  { value: 'light', icon: IconSun },
  { value: 'dark', icon: IconMoon },
  { value: 'auto', icon: IconDeviceDesktop },
] as const;

export function ThemeMenu() {
  const { t } = useTranslation();
  const { preferences, setPreferences } = usePreferences();
  const Current = choices.find(({ value }) => value === preferences.theme)?.icon ?? IconDeviceDesktop;
  return (
    <Menu>
      <Menu.Target>
        <Tooltip label={t('shell.top.theme.title')}>
          <ActionIcon size="lg" aria-label={t('shell.top.theme.title')}>
            <Current size={20} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(({ value, icon: ChoiceIcon }) => (
          <Menu.Item
            key={value}
            leftSection={<ChoiceIcon size={17} stroke={1.7} />}
            rightSection={value === preferences.theme ? <IconCheck size={15} /> : undefined}
            onClick={() => setPreferences({ theme: value })}
          >
            {t(`shell.top.theme.${value}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

import { ActionIcon, Avatar, Menu, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconBook2, IconLanguage, IconLogout, IconSettings, IconUserCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/session.ts';
import { useLook } from '../ui/LookProvider.tsx';
import { usePreferences } from './preferences.ts';
import { signOut } from './sign-out.ts';

export function AccountMenu() {
  const { t } = useTranslation();
  const { person } = useMe();
  const { language } = useLook();
  const { setPreferences } = usePreferences();
  const leave = useMutation({ mutationFn: signOut });
  const shownName = person.displayName === '' ? person.name : person.displayName;
  return (
    <Menu width={220}>
      <Menu.Target>
        <ActionIcon size="lg" radius="xl" aria-label={t('shell.top.account')}>
          <Avatar size={30} radius="xl" color="brand">
            {shownName.trim().charAt(0).toLocaleUpperCase()}
          </Avatar>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--app-text)" truncate>
            <bdi>{shownName}</bdi>
          </Text>
          <Text size="xs" truncate>
            <bdi>{person.name}</bdi>
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={17} stroke={1.7} />}>
          {t('accounts.myAccount')}
        </Menu.Item>
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={17} stroke={1.7} />}>
          {t('shell.nav.settings')}
        </Menu.Item>
        <Menu.Item component="a" href="/api/docs" leftSection={<IconBook2 size={17} stroke={1.7} />}>
          {t('shell.palette.apiReference')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLanguage size={17} stroke={1.7} />}
          lang={language === 'ar' ? 'en' : 'ar'}
          onClick={() => setPreferences({ language: language === 'ar' ? 'en' : 'ar' })}
        >
          {t('shell.palette.switchLanguage')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconLogout size={17} stroke={1.7} className="mirrored" />}
          onClick={() => leave.mutate()}
        >
          {t('shell.top.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

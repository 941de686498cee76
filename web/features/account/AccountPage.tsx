import { Tabs } from '@mantine/core';
import { IconApi, IconDevices, IconShieldLock, IconUserCircle } from '@tabler/icons-react';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useOpenTabInView } from '../../ui/open-tab.ts';
import { Page } from '../../ui/Page.tsx';
import classes from './AccountPage.module.css';
import { AccountNotices } from './AccountNotices.tsx';
import { ProfileTab } from './ProfileTab.tsx';
import { SessionsTab } from './SessionsTab.tsx';
import { SignInTab } from './SignInTab.tsx';
import { TokensTab } from './TokensTab.tsx';

const tabs = [
  { key: 'profile', icon: IconUserCircle },
  { key: 'security', icon: IconShieldLock },
  { key: 'sessions', icon: IconDevices },
  { key: 'tokens', icon: IconApi },
] as const;
type TabKey = (typeof tabs)[number]['key'];

/** `/account`: who I am here and how I come in; the open part stands in the address: `/account#sessions`. */
export function AccountPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { hash } = useLocation();
  const tab: TabKey = tabs.find(({ key }) => key === hash)?.key ?? 'profile';
  const row = useOpenTabInView<HTMLDivElement>(tab);
  return (
    <Page title={t('account.own.title')} description={t(`account.own.leads.${tab}`)} width="narrow">
      <AccountNotices />
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ to: '/account', hash: next ?? '', hashScrollIntoView: false })}
        classNames={{ list: classes.list ?? '', tab: classes.tab ?? '' }}
      >
        <Tabs.List ref={row} aria-label={t('account.own.tabsLabel')}>
          {tabs.map(({ key, icon: TabIcon }) => (
            <Tabs.Tab
              key={key}
              value={key}
              leftSection={<TabIcon size={17} stroke={1.7} className={classes.icon} aria-hidden />}
            >
              {t(`account.own.tabs.${key}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="profile">
          <ProfileTab />
        </Tabs.Panel>
        <Tabs.Panel value="security">
          <SignInTab />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <SessionsTab />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTab />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

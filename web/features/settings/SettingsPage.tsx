import { Tabs } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconFileText, IconListDetails, IconPalette, IconRocket } from '@tabler/icons-react';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useOpenTabInView } from '../../ui/open-tab.ts';
import { Page } from '../../ui/Page.tsx';
import { BuildsForm } from '../deployments/BuildsForm.tsx';
import { LogRotationForm } from '../traffic/LogRotationForm.tsx';
import { AppearanceSettings } from './AppearanceSettings.tsx';
import { ConfigurationTable } from './ConfigurationTable.tsx';
import { PanelSettingsForm } from './PanelSettingsForm.tsx';
import classes from './SettingsPage.module.css';

const tabs = [
  { key: 'appearance', icon: IconPalette },
  { key: 'panel', icon: IconAdjustmentsHorizontal },
  { key: 'logs', icon: IconFileText },
  { key: 'builds', icon: IconRocket },
  { key: 'configuration', icon: IconListDetails },
] as const;
type TabKey = (typeof tabs)[number]['key'];

/** `/settings`; the open section stands in the address: `/settings#account`. */
export function SettingsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { hash } = useLocation();
  const tab: TabKey = tabs.find(({ key }) => key === hash)?.key ?? 'appearance';
  const row = useOpenTabInView<HTMLDivElement>(tab);
  return (
    <Page title={t('settings.title')} description={t(`settings.${tab}.lead`)} width="narrow">
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ to: '/settings', hash: next ?? '', hashScrollIntoView: false })}
        classNames={{ list: classes.list ?? '', tab: classes.tab ?? '' }}
      >
        <Tabs.List ref={row} aria-label={t('settings.tabs.label')}>
          {tabs.map(({ key, icon: TabIcon }) => (
            <Tabs.Tab
              key={key}
              value={key}
              leftSection={<TabIcon size={17} stroke={1.7} className={classes.icon} aria-hidden />}
            >
              {t(`settings.tabs.${key}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="appearance">
          <AppearanceSettings />
        </Tabs.Panel>
        <Tabs.Panel value="panel">
          <PanelSettingsForm />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <LogRotationForm />
        </Tabs.Panel>
        <Tabs.Panel value="builds">
          <BuildsForm />
        </Tabs.Panel>
        <Tabs.Panel value="configuration">
          <ConfigurationTable />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

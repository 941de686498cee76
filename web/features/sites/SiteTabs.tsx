import { NativeSelect } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { useSite } from './site-context.ts';
import classes from './SitePage.module.css';

const groups = [
  {
    key: 'site',
    tabs: [
      { key: 'overview', to: '/sites/$siteId' },
      { key: 'domains', to: '/sites/$siteId/domains' },
      { key: 'https', to: '/sites/$siteId/https' },
      { key: 'behaviour', to: '/sites/$siteId/behaviour' },
    ],
  },
  {
    key: 'content',
    tabs: [
      { key: 'app', to: '/sites/$siteId/app' },
      { key: 'php', to: '/sites/$siteId/php' },
      { key: 'wordpress', to: '/sites/$siteId/wordpress' },
      { key: 'deploy', to: '/sites/$siteId/deploy' },
      { key: 'files', to: '/sites/$siteId/files' },
      { key: 'archives', to: '/sites/$siteId/archives' },
      { key: 'sftp', to: '/sites/$siteId/sftp' },
    ],
  },
  {
    key: 'watch',
    tabs: [
      { key: 'traffic', to: '/sites/$siteId/traffic' },
      { key: 'logs', to: '/sites/$siteId/logs' },
      { key: 'history', to: '/sites/$siteId/history' },
    ],
  },
  {
    key: 'advanced',
    tabs: [
      { key: 'configuration', to: '/sites/$siteId/configuration' },
      { key: 'delete', to: '/sites/$siteId/delete' },
    ],
  },
] as const;
type Tab = (typeof groups)[number]['tabs'][number];

function isFor({ key }: Tab, kind: Site['kind']): boolean {
  if (key === 'php' || key === 'app') return kind === key;
  if (key === 'deploy' || key === 'archives') return kind !== 'proxy';
  return key !== 'wordpress' || kind === 'php';
}

/** The parts of a site, each with an address of its own: groups of links beside the content, one list on narrow screens. */
export function SiteTabs() {
  const { t } = useTranslation();
  const { id, kind } = useSite();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const isNarrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const shown = groups.map((group) => ({ ...group, tabs: group.tabs.filter((tab: Tab) => isFor(tab, kind)) as Tab[] }));
  if (isNarrow)
    return (
      <NativeSelect
        className={classes.tabList}
        size="md"
        aria-label={t('sites.tabs.label')}
        value={shown.flatMap(({ tabs }) => tabs).find(({ to }) => to.replace('$siteId', id) === pathname)?.to ?? ''}
        onChange={(event) => {
          const { value } = event.currentTarget;
          const to = shown.flatMap(({ tabs }) => tabs).find((tab) => tab.to === value)?.to;
          if (to !== undefined) void navigate({ to, params: { siteId: id }, resetScroll: false });
        }}
        data={shown.map(({ key, tabs }) => ({
          group: t(`sites.tabGroups.${key}`),
          items: tabs.map((tab) => ({ value: tab.to, label: t(`sites.tabs.${tab.key}`) })),
        }))}
      />
    );
  return (
    <nav className={classes.tabs} aria-label={t('sites.tabs.label')}>
      {shown.map(({ key: group, tabs }) => (
        <div key={group} role="group" aria-labelledby={`site-tabs-${group}`}>
          <div id={`site-tabs-${group}`} className={classes.group}>
            {t(`sites.tabGroups.${group}`)}
          </div>
          {tabs.map(({ key, to }) => (
            <Link
              key={key}
              to={to}
              params={{ siteId: id }}
              activeOptions={{ exact: true, includeSearch: false }}
              className={classes.tab}
              data-danger={key === 'delete' || undefined}
              resetScroll={false}
            >
              {t(`sites.tabs.${key}`)}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
}

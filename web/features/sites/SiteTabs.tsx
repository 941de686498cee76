import { Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useSite } from './site-context.ts';
import classes from './SitePage.module.css';

const tabs = [
  { key: 'overview', to: '/sites/$siteId' },
  { key: 'domains', to: '/sites/$siteId/domains' },
  { key: 'https', to: '/sites/$siteId/https' },
  { key: 'behaviour', to: '/sites/$siteId/behaviour' },
  { key: 'app', to: '/sites/$siteId/app' },
  { key: 'php', to: '/sites/$siteId/php' },
  { key: 'archives', to: '/sites/$siteId/archives' },
  { key: 'wordpress', to: '/sites/$siteId/wordpress' },
  { key: 'deploy', to: '/sites/$siteId/deploy' },
  { key: 'sftp', to: '/sites/$siteId/sftp' },
  { key: 'configuration', to: '/sites/$siteId/configuration' },
  { key: 'traffic', to: '/sites/$siteId/traffic' },
  { key: 'logs', to: '/sites/$siteId/logs' },
  { key: 'history', to: '/sites/$siteId/history' },
  { key: 'delete', to: '/sites/$siteId/delete' },
] as const;

/** The parts of a site; each has an address of its own. */
export function SiteTabs() {
  const { t } = useTranslation();
  const { id, kind } = useSite();
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  // On a phone the tabs are wider than the screen: the present one is in sight.
  useEffect(() => {
    const active = nav.current?.querySelector('[data-status="active"]');
    active?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [pathname]);
  return (
    <nav ref={nav} className={classes.tabs} aria-label={t('sites.tabs.label')}>
      {tabs
        .filter(
          ({ key }) =>
            ((key !== 'php' && key !== 'app') || kind === key) &&
            ((key !== 'deploy' && key !== 'archives') || kind !== 'proxy') &&
            (key !== 'wordpress' || kind === 'php'),
        )
        .map(({ key, to }) => (
          <Link
            key={key}
            to={to}
            params={{ siteId: id }}
            activeOptions={{ exact: true }}
            className={classes.tab}
            data-danger={key === 'delete' || undefined}
            resetScroll={false}
          >
            {t(`sites.tabs.${key}`)}
          </Link>
        ))}
    </nav>
  );
}

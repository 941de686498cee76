import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSite } from './site-context.ts';
import classes from './SitePage.module.css';

const tabs = [
  { key: 'overview', to: '/sites/$siteId' },
  { key: 'domains', to: '/sites/$siteId/domains' },
  { key: 'configuration', to: '/sites/$siteId/configuration' },
  { key: 'logs', to: '/sites/$siteId/logs' },
  { key: 'history', to: '/sites/$siteId/history' },
  { key: 'delete', to: '/sites/$siteId/delete' },
] as const;

/** The parts of a site; each has an address of its own. */
export function SiteTabs() {
  const { t } = useTranslation();
  const { id } = useSite();
  return (
    <nav className={classes.tabs} aria-label={t('sites.tabs.label')}>
      {tabs.map(({ key, to }) => (
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

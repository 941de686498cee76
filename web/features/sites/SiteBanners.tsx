import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { DriftBanner } from './DriftBanner.tsx';
import { NginxBanner } from './NginxBanner.tsx';
import { useSite } from './site-context.ts';
import { useFailureText } from './SiteState.tsx';
import { inspectionQuery } from './sites.queries.ts';
import classes from './SitePage.module.css';

/** What stands between the site and its visitors, or needs a decision. Nothing in the normal case. */
export function SiteBanners() {
  const { t } = useTranslation();
  const site = useSite();
  const failure = useFailureText()(site);
  const { data: inspection } = useQuery(inspectionQuery(site.id));
  return (
    <div className={classes.banners}>
      <NginxBanner />
      {site.state === 'applying' && (
        <Notice tone="info" role="status" title={t('sites.banner.applying')}>
          {t('sites.banner.applyingText')}
        </Notice>
      )}
      {site.state === 'deleting' && (
        <Notice tone="info" role="status" title={t('sites.banner.deleting')}>
          {t('sites.banner.deletingText')}
        </Notice>
      )}
      {site.state === 'failed' && (
        <Notice tone="bad" role="alert" title={t('sites.banner.failed')}>
          {failure ?? t('sites.banner.failedText')}
        </Notice>
      )}
      {inspection !== undefined && site.state !== 'applying' && site.state !== 'deleting' && (
        <DriftBanner inspection={inspection} />
      )}
    </div>
  );
}

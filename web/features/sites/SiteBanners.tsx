import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { DriftBanner } from './DriftBanner.tsx';
import { NginxBanner } from './NginxBanner.tsx';
import { useSite } from './site-context.ts';
import { endOf } from './site-end.ts';
import { useFailureText } from './SiteState.tsx';
import { inspectionQuery } from './sites.queries.ts';
import classes from './SitePage.module.css';

/** What stands between the site and its visitors, or needs a decision. Nothing in the normal case. */
export function SiteBanners() {
  const { t } = useTranslation();
  const site = useSite();
  const format = useFormat();
  const failure = useFailureText()(site);
  const end = site.isEnabled ? endOf(site) : undefined;
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
      {end !== undefined && (
        <Notice
          tone={end === 'ended' ? 'bad' : 'warn'}
          title={t(end === 'ended' ? 'reach.endedTitle' : 'reach.soonTitle')}
          actions={
            <Button component={Link} to={`/sites/${site.id}/domains`} size="xs" variant="default">
              {t('reach.extend')}
            </Button>
          }
        >
          {t(end === 'ended' ? 'reach.endedText' : 'reach.soonText', {
            time: format.dateTime(site.reach.endsAt ?? ''),
          })}
        </Notice>
      )}
      {inspection !== undefined && site.state !== 'applying' && site.state !== 'deleting' && (
        <DriftBanner inspection={inspection} />
      )}
    </div>
  );
}

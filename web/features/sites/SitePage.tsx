import { Button, Skeleton } from '@mantine/core';
import { IconWorldOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { SiteBanners } from './SiteBanners.tsx';
import { SiteActions } from './SiteActions.tsx';
import { SiteContext } from './site-context.ts';
import { SiteName } from './SiteName.tsx';
import { shownName } from './site-names.ts';
import { SiteTabs } from './SiteTabs.tsx';
import { siteQuery } from './sites.queries.ts';
import classes from './SitePage.module.css';

const route = getRouteApi('/signed-in/sites/$siteId');

/** The frame of one site: its name and state, its tabs, and what needs a decision. */
export function SitePage() {
  const { t } = useTranslation();
  const { siteId } = route.useParams();
  const { data: site, error, refetch } = useQuery(siteQuery(siteId));
  const back = { to: '/sites', label: t('sites.title') } as const;

  // A site that was deleted while it was looked at is gone, whatever is still kept of it here.
  if (error !== null && toApiError(error).code === 'not_found') {
    return (
      <Page title={t('sites.gone.title')} back={back}>
        <EmptyState
          icon={IconWorldOff}
          title={t('sites.gone.lead')}
          text={t('sites.gone.text')}
          action={
            <Button component={Link} to="/history" variant="default">
              {t('sites.gone.toHistory')}
            </Button>
          }
        />
      </Page>
    );
  }
  if (site === undefined) {
    return (
      <Page
        title={t('sites.title')}
        {...(error === null ? { heading: <Skeleton height={26} width={260} radius="sm" my={4} /> } : {})}
        back={back}
      >
        {error === null ? <Loading /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  return (
    <SiteContext key={siteId} value={site}>
      <Page title={shownName(site)} heading={<SiteName />} back={back} actions={<SiteActions />}>
        <div className={classes.body}>
          <SiteTabs />
          <div className={classes.content}>
            <SiteBanners />
            <Outlet />
          </div>
        </div>
      </Page>
    </SiteContext>
  );
}

function Loading() {
  return (
    <div className={classes.body}>
      <div className={classes.tabs} />
      <Section>
        <LoadingRows />
      </Section>
    </div>
  );
}

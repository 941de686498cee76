import { IconWorld } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ListedSite } from '#shared/sites.ts';
import { DomainName, readableDomain } from '../../ui/DomainName.tsx';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { latestSitesQuery } from './dashboard.queries.ts';
import classes from './LatestSites.module.css';
import { ListState } from './ListState.tsx';
import type { SystemInfo } from './MachineFacts.tsx';
import { MoreLink } from './MoreLink.tsx';
import { NewSiteButton } from './NewSiteButton.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';

export function LatestSites({ counts }: { readonly counts: SystemInfo['siteCounts'] | undefined }) {
  const { t } = useTranslation();
  const sites = useQuery(latestSitesQuery);
  return (
    <Section
      title={t('dashboard.sites.title')}
      {...(counts === undefined || counts.all === 0 ? {} : { description: <Counts counts={counts} /> })}
      actions={<MoreLink to="/sites">{t('dashboard.sites.all')}</MoreLink>}
      padding="flush"
    >
      <ListState
        query={sites}
        rows={5}
        empty={
          <EmptyState
            icon={IconWorld}
            title={t('dashboard.sites.empty')}
            text={t('dashboard.sites.emptyText')}
            action={<NewSiteButton variant="default" />}
          />
        }
      >
        {(items) =>
          items.map((site) => (
            <li key={site.id}>
              <SiteRow site={site} />
            </li>
          ))
        }
      </ListState>
    </Section>
  );
}

function Counts({ counts }: { readonly counts: SystemInfo['siteCounts'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = counts.failed > 0 ? (['all', 'enabled', 'failed'] as const) : (['all', 'enabled'] as const);
  return (
    <span className={classes.counts}>
      {shown.map((name) => (
        <span key={name} data-name={name}>
          {t(`dashboard.sites.counts.${name}`)} <b>{format.number(counts[name])}</b>
        </span>
      ))}
    </span>
  );
}

function stateOf({ state, isEnabled }: ListedSite): {
  readonly tone: Tone;
  readonly name: ListedSite['state'] | 'disabled';
} {
  switch (state) {
    case 'applying':
    case 'deleting':
      return { tone: 'busy', name: state };
    case 'failed':
      return { tone: 'bad', name: state };
    case 'active':
      return isEnabled ? { tone: 'good', name: state } : { tone: 'idle', name: 'disabled' };
  }
}

function SiteRow({ site }: { readonly site: ListedSite }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [first] = site.domains;
  const others = site.domains.length - 1;
  const { tone, name } = stateOf(site);
  const isNamed = first !== undefined && site.name !== first.host && site.name !== readableDomain(first);
  return (
    <Link to="/sites/$siteId" params={{ siteId: site.id }} className={classes.row}>
      <span className={classes.names}>
        <SiteTitle name={site.name} className={classes.name} />
      </span>
      <span className={classes.domains}>
        {isNamed && (
          <span className={classes.domain} dir="ltr">
            <DomainName domain={first} />
          </span>
        )}
        {others > 0 && (
          <span className={classes.more}>
            {t('dashboard.sites.more', { count: others, value: format.number(others) })}
          </span>
        )}
        {!isNamed && others <= 0 && t(`dashboard.sites.kinds.${site.kind}`)}
      </span>
      <span className={classes.state}>
        <Status tone={tone}>{t(`dashboard.sites.states.${name}`)}</Status>
      </span>
    </Link>
  );
}

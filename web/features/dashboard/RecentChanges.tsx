import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { z } from 'zod';
import { useTranslation } from 'react-i18next';
import type { siteChange } from '#shared/sites.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { recentChangesQuery } from './dashboard.queries.ts';
import { ListState } from './ListState.tsx';
import { MoreLink } from './MoreLink.tsx';
import classes from './RecentChanges.module.css';
import { SiteTitle } from '../../ui/SiteTitle.tsx';

type Change = z.output<typeof siteChange>;

const tones: Record<Change['outcome'], Tone> = { applying: 'busy', done: 'good', failed: 'bad' };

export function RecentChanges() {
  const { t } = useTranslation();
  const changes = useQuery(recentChangesQuery);
  return (
    <Section
      title={t('dashboard.changes.title')}
      actions={<MoreLink to="/history">{t('dashboard.changes.all')}</MoreLink>}
      padding="flush"
    >
      <ListState query={changes} rows={4} empty={t('dashboard.changes.empty')}>
        {(items) =>
          items.map((change) => (
            <li key={change.id}>
              <ChangeRow change={change} />
            </li>
          ))
        }
      </ListState>
    </Section>
  );
}

function ChangeRow({ change }: { readonly change: Change }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Link to="/history" className={classes.row}>
      <span className={classes.what}>
        {t(`dashboard.changes.actions.${change.action}`)} <SiteTitle name={change.siteName} className={classes.site} />
      </span>
      <span className={classes.state}>
        <Status tone={tones[change.outcome]}>{t(`dashboard.changes.outcomes.${change.outcome}`)}</Status>
      </span>
      <span className={classes.meta}>
        <bdi>{change.actor.name}</bdi> · <time dateTime={change.at}>{format.ago(change.at)}</time>
      </span>
    </Link>
  );
}

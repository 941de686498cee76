import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Section.tsx';
import { JobRow } from '../jobs/JobRow.tsx';
import { recentJobsQuery } from '../jobs/jobs.queries.ts';
import { ListState } from './ListState.tsx';
import { MoreLink } from './MoreLink.tsx';

const shown = 4;

export function LatestJobs() {
  const { t } = useTranslation();
  const jobs = useQuery(recentJobsQuery);
  return (
    <Section
      title={t('dashboard.jobs.title')}
      actions={<MoreLink to="/jobs">{t('dashboard.jobs.all')}</MoreLink>}
      padding="flush"
    >
      <ListState query={jobs} rows={2} empty={t('dashboard.jobs.empty')}>
        {(items) =>
          items.slice(0, shown).map((job) => (
            <li key={job.id}>
              <JobRow job={job} />
            </li>
          ))
        }
      </ListState>
    </Section>
  );
}

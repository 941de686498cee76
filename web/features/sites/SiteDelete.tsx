import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { siteDatabasesQuery } from '../databases/databases.queries.ts';
import { DeleteForm } from './DeleteForm.tsx';
import { firstChoices } from './removal-choices.ts';
import { RemovalList } from './RemovalList.tsx';
import { useSite } from './site-context.ts';
import { removalQuery } from './sites.queries.ts';
import classes from './SiteDelete.module.css';

/** What would go, then the decision. */
export function SiteDelete() {
  const { t } = useTranslation();
  const site = useSite();
  const can = useCan();
  const [choices, setChoices] = useState(firstChoices);
  const [hasChanged, setHasChanged] = useState(false);
  const isAllowed = can('sites.delete');
  const { data: preview, error, refetch, isFetching } = useQuery({ ...removalQuery(site.id), enabled: isAllowed });
  const mayRemoveDatabases = can('databases.read') && can('databases.manage');
  const { data: listed } = useQuery({ ...siteDatabasesQuery(site.id), enabled: isAllowed && mayRemoveDatabases });
  const databases = listed?.items ?? [];

  if (!isAllowed) return <Notice tone="info">{t('sites.delete.notAllowed')}</Notice>;
  if (preview === undefined) {
    return (
      <Section title={t('sites.delete.listTitle')}>
        {error === null ? (
          <Skeleton height={220} radius="md" role="status" aria-label={t('sites.delete.counting')} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </Section>
    );
  }
  return (
    <div className={classes.steps}>
      <Section title={t('sites.delete.listTitle')} description={t('sites.delete.listText')} padding="flush">
        {hasChanged && (
          <Notice tone="warn" role="alert" className={classes.changed} title={t('sites.delete.changed')}>
            {t('sites.delete.changedText')}
          </Notice>
        )}
        <RemovalList preview={preview} databases={databases} choices={choices} />
      </Section>
      <DeleteForm
        // A list that was read anew has to be confirmed anew.
        key={preview.confirm}
        preview={preview}
        databases={databases}
        choices={choices}
        onChoices={setChoices}
        isReading={isFetching}
        onChanged={() => {
          setHasChanged(true);
          void refetch();
        }}
      />
    </div>
  );
}

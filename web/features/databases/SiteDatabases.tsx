import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { Connection } from './Connection.tsx';
import classes from './Databases.module.css';
import { siteDatabasesQuery } from './databases.queries.ts';
import { engineTitles, runningServers, serverOf } from './engines.ts';

const NewDatabaseSheet = lazy(async () => ({ default: (await import('./NewDatabaseSheet.tsx')).NewDatabaseSheet }));

type SiteDatabasesProps = { readonly site: { readonly id: string; readonly name: string } };

/** What the application of a site is given to reach its databases. */
export function SiteDatabases({ site }: SiteDatabasesProps) {
  const { t } = useTranslation();
  const can = useCan();
  const { data, error, refetch } = useQuery(siteDatabasesQuery(site.id));
  const [isMaking, setIsMaking] = useState(false);
  const running = runningServers(data?.servers);
  const isRunning = running.length > 0;
  const reason = can('databases.manage') ? (isRunning ? false : t('databases.needsServer')) : true;
  return (
    <Section
      title={t('databases.site.title')}
      description={t('databases.site.text')}
      actions={
        <WhyNot reason={reason}>
          <Button
            variant="default"
            size="xs"
            disabled={reason !== false}
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => setIsMaking(true)}
          >
            {t('databases.site.add')}
          </Button>
        </WhyNot>
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={2} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <span className={classes.soft}>{t('databases.site.none')}</span>
      ) : (
        <div className={classes.ofSite}>
          {data.items.map(
            ({ id, ...database }) =>
              id !== null && (
                <div key={id}>
                  <h3 className={classes.siteDatabase}>
                    <Token mono>{database.name}</Token>
                    <span className={classes.soft}>
                      <Token>{engineTitles[database.engine]}</Token>
                    </span>
                  </h3>
                  <Connection database={{ ...database, id }} server={serverOf(data.servers, database)} />
                </div>
              ),
          )}
        </div>
      )}
      <Suspense>
        {isMaking && <NewDatabaseSheet site={site} servers={running} onClose={() => setIsMaking(false)} />}
      </Suspense>
    </Section>
  );
}

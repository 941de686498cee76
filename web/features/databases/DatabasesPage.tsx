import { Button } from '@mantine/core';
import { IconDatabase, IconDatabaseOff, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { databasesQuery, type DatabaseList } from './databases.queries.ts';
import { DatabaseServerFacts } from './DatabaseServerFacts.tsx';
import { DatabasesTable } from './DatabasesTable.tsx';
import { RemovedDatabases } from './RemovedDatabases.tsx';
import { useRunsEnding } from './use-runs-ending.ts';

const NewDatabaseSheet = lazy(async () => ({ default: (await import('./NewDatabaseSheet.tsx')).NewDatabaseSheet }));

/** Databases of this machine: which server, what is on it and for which site, and what was deleted and is kept. */
export function DatabasesPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="databases.read" title={t('databases.title')}>
      <Databases />
    </NeedsPermission>
  );
}

function Databases() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(databasesQuery);
  useRunsEnding();
  const [isMaking, setIsMaking] = useState(false);
  const mayManage = useCan()('databases.manage');
  const server = data?.servers[0];
  const isRunning = server?.state === 'running';
  const reason = mayManage ? (isRunning ? false : t('databases.needsServer')) : true;
  const add = (
    <WhyNot reason={reason}>
      <Button
        disabled={reason !== false}
        leftSection={<IconPlus size={17} aria-hidden />}
        onClick={() => setIsMaking(true)}
      >
        {t('databases.new')}
      </Button>
    </WhyNot>
  );
  return (
    <Page
      title={t('databases.title')}
      description={t('databases.lead')}
      {...(server === undefined || server.state === 'missing' ? {} : { actions: add })}
    >
      {data === undefined || server === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={5} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <Content data={data} add={add} />
      )}
      <Suspense>{isMaking && <NewDatabaseSheet onClose={() => setIsMaking(false)} />}</Suspense>
    </Page>
  );
}

function Content({ data, add }: { readonly data: DatabaseList; readonly add: ReactNode }) {
  const { t } = useTranslation();
  const [server] = data.servers;
  if (server === undefined) return null;
  const isEmpty = data.items.length === 0;
  if (server.state === 'missing' && isEmpty)
    return (
      <>
        <Section padding="flush">
          <EmptyState
            icon={IconDatabaseOff}
            title={t('databases.server.missing')}
            text={t('databases.server.missingText')}
            action={<InstallButton name="mariadb" label={t('databases.server.install')} />}
          />
        </Section>
        <RemovedDatabases items={data.removed} />
      </>
    );
  return (
    <>
      <DatabaseServerFacts server={server} />
      <Section padding="flush">
        {isEmpty ? (
          <EmptyState
            icon={IconDatabase}
            title={t('databases.none')}
            text={t('databases.noneText')}
            {...(server.state === 'running' ? { action: add } : {})}
          />
        ) : (
          <DatabasesTable items={data.items} server={server} />
        )}
      </Section>
      <RemovedDatabases items={data.removed} />
    </>
  );
}

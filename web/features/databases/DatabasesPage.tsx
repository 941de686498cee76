import { Button, Group } from '@mantine/core';
import { IconDatabase, IconDatabaseOff, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useMe } from '../../api/session.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { databasesQuery, type DatabaseList } from './databases.queries.ts';
import { DatabaseServers } from './DatabaseServers.tsx';
import { DatabasesTable } from './DatabasesTable.tsx';
import { engineTitles, runningServers } from './engines.ts';
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
  const { siteScope } = useMe();
  const running = runningServers(data?.servers);
  const isRunning = running.length > 0;
  const isBare = data === undefined || data.servers.every(({ state }) => state === 'missing');
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
  const others = mayManage && siteScope === 'all' && (
    <>
      <Button variant="default" renderRoot={(props) => <Link {...props} to="/databases/remote" />}>
        {t('remoteDatabases.open')}
      </Button>
      <Button variant="default" renderRoot={(props) => <Link {...props} to="/databases/redis" />}>
        Redis
      </Button>
    </>
  );
  return (
    <Page
      title={t('databases.title')}
      description={t('databases.lead')}
      actions={
        <Group gap="xs">
          {others}
          {!isBare && add}
        </Group>
      }
    >
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={5} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <Content data={data} isBare={isBare} add={add} />
      )}
      <Suspense>{isMaking && <NewDatabaseSheet servers={running} onClose={() => setIsMaking(false)} />}</Suspense>
    </Page>
  );
}

type ContentProps = { readonly data: DatabaseList; readonly isBare: boolean; readonly add: ReactNode };

function Content({ data, isBare, add }: ContentProps) {
  const { t } = useTranslation();
  const isEmpty = data.items.length === 0;
  if (isBare && isEmpty)
    return (
      <>
        <Section padding="flush">
          <EmptyState
            icon={IconDatabaseOff}
            title={t('databases.server.missing')}
            text={t('databases.server.missingText')}
            action={
              <Group justify="center" gap="sm">
                {data.servers.map(({ engine }) => (
                  <InstallButton
                    key={engine}
                    name={engine}
                    label={t('databases.server.install', { server: engineTitles[engine] })}
                  />
                ))}
              </Group>
            }
          />
        </Section>
        <RemovedDatabases items={data.removed} />
      </>
    );
  return (
    <>
      <DatabaseServers servers={data.servers} />
      <Section padding="flush">
        {isEmpty ? (
          <EmptyState
            icon={IconDatabase}
            title={t('databases.none')}
            text={t('databases.noneText')}
            {...(runningServers(data.servers).length > 0 ? { action: add } : {})}
          />
        ) : (
          <DatabasesTable items={data.items} servers={data.servers} />
        )}
      </Section>
      <RemovedDatabases items={data.removed} />
    </>
  );
}

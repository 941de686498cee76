import { Button } from '@mantine/core';
import { IconDatabase, IconPlus, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { NotFoundPage } from '../../layout/FailurePages.tsx';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { engineTitles } from '../databases/engines.ts';
import classes from './RemoteDatabases.module.css';
import { remoteListQuery, remoteServersQuery } from './remote-databases.queries.ts';
import { RemoteDatabasesTable } from './RemoteDatabasesTable.tsx';

const route = getRouteApi('/signed-in/databases/remote/$serverId');
const NewRemoteDatabaseSheet = lazy(async () => ({
  default: (await import('./NewRemoteDatabaseSheet.tsx')).NewRemoteDatabaseSheet,
}));

/** One database server on another machine: what is on it, and what can be done there from here. */
export function RemoteServerPage() {
  const { t } = useTranslation();
  const { serverId } = route.useParams();
  const { siteScope } = useMe();
  if (siteScope !== 'all') return <NotFoundPage />;
  return (
    <NeedsPermission permission="databases.manage" title={t('remoteDatabases.title')}>
      <RemoteServer key={serverId} serverId={serverId} />
    </NeedsPermission>
  );
}

function RemoteServer({ serverId }: { readonly serverId: string }) {
  const { t } = useTranslation();
  const servers = useQuery(remoteServersQuery);
  const { data, error, refetch, isFetching } = useQuery(remoteListQuery(serverId));
  const [isMaking, setIsMaking] = useState(false);
  const server = data?.server ?? servers.data?.items.find((each) => each.serverId === serverId);
  const add = (
    <Button
      disabled={data === undefined}
      leftSection={<IconPlus size={17} aria-hidden />}
      onClick={() => setIsMaking(true)}
    >
      {t('databases.new')}
    </Button>
  );
  return (
    <Page
      title={server?.name ?? t('remoteDatabases.title')}
      description={
        server !== undefined && (
          <>
            <Token>{`${engineTitles[server.engine]} ${server.version}`}</Token> ·{' '}
            <Token mono>{`${server.host}:${server.port}`}</Token>
          </>
        )
      }
      back={{ to: '/databases/remote', label: t('remoteDatabases.title') }}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconRefresh size={17} aria-hidden />}
            loading={isFetching}
            onClick={() => void refetch()}
          >
            {t('remoteDatabases.lookAgain')}
          </Button>
          {add}
        </>
      }
    >
      <Section padding="flush">
        {error !== null && !isFetching ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <LoadingRows rows={4} />
        ) : data.items.length === 0 ? (
          <EmptyState icon={IconDatabase} title={t('databases.none')} text={t('remoteDatabases.noDatabases')} />
        ) : (
          <RemoteDatabasesTable server={data.server} items={data.items} />
        )}
      </Section>
      <Notice tone="info" title={t('remoteDatabases.notHere')} className={classes.below}>
        {t('remoteDatabases.notHereText')} <Link to="/databases">{t('databases.title')}</Link>
      </Notice>
      <Suspense>
        {isMaking && data !== undefined && (
          <NewRemoteDatabaseSheet server={data.server} locales={data.locales} onClose={() => setIsMaking(false)} />
        )}
      </Suspense>
    </Page>
  );
}

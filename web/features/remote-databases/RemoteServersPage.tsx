import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconPlugConnected, IconPlus, IconServer2, IconSettings, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { NotFoundPage } from '../../layout/FailurePages.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { useFormat } from '../../ui/format.ts';
import { engineTitles } from '../databases/engines.ts';
import { remoteServersQuery, useReachRemoteServer, type RemoteServer } from './remote-databases.queries.ts';
import classes from './RemoteDatabases.module.css';

const RemoteServerSheet = lazy(async () => ({ default: (await import('./RemoteServerSheet.tsx')).RemoteServerSheet }));
const RemoveRemoteServer = lazy(async () => ({
  default: (await import('./RemoveRemoteServer.tsx')).RemoveRemoteServer,
}));
const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

/** Database servers on other machines: where they are, and how the panel comes in there. */
export function RemoteServersPage() {
  const { t } = useTranslation();
  const { siteScope } = useMe();
  if (siteScope !== 'all') return <NotFoundPage />;
  return (
    <NeedsPermission permission="databases.manage" title={t('remoteDatabases.title')}>
      <RemoteServers />
    </NeedsPermission>
  );
}

type Open = { readonly what: 'new' } | { readonly what: 'change' | 'remove'; readonly serverId: string };

function RemoteServers() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(remoteServersQuery);
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const chosen =
    open === null || open.what === 'new' ? undefined : data?.items.find(({ serverId }) => serverId === open.serverId);
  const add = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpen({ what: 'new' })}>
      {t('remoteDatabases.add')}
    </Button>
  );
  return (
    <Page
      title={t('remoteDatabases.title')}
      description={t('remoteDatabases.lead')}
      back={{ to: '/databases', label: t('databases.title') }}
      actions={data !== undefined && data.items.length > 0 && add}
    >
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={3} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : data.items.length === 0 ? (
          <EmptyState
            icon={IconServer2}
            title={t('remoteDatabases.none')}
            text={t('remoteDatabases.noneText')}
            action={add}
          />
        ) : (
          <ul className={classes.list}>
            {data.items.map((server) => (
              <ServerRow
                key={server.serverId}
                server={server}
                onOpen={(what) => setOpen({ what, serverId: server.serverId })}
              />
            ))}
          </ul>
        )}
      </Section>
      <Suspense>
        {open?.what === 'new' && <RemoteServerSheet onClose={close} />}
        {chosen !== undefined && open?.what === 'change' && <RemoteServerSheet server={chosen} onClose={close} />}
        {chosen !== undefined && open?.what === 'remove' && <RemoveRemoteServer server={chosen} onClose={close} />}
      </Suspense>
    </Page>
  );
}

type RowProps = { readonly server: RemoteServer; readonly onOpen: (what: 'change' | 'remove') => void };

function ServerRow({ server, onOpen }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const reach = useReachRemoteServer(server.serverId);
  const { serverId, name, engine, version, host, port, tls, databases } = server;
  return (
    <li className={classes.row}>
      <div className={classes.server}>
        <Link to="/databases/remote/$serverId" params={{ serverId }} className={classes.open}>
          <bdi>{name}</bdi>
        </Link>
        <span className={classes.soft}>
          <Token>{`${engineTitles[engine]} ${version}`}</Token> · <Token mono>{`${host}:${port}`}</Token> ·{' '}
          {t('remoteDatabases.databases', { count: databases, value: format.number(databases) })}
        </span>
      </div>
      <span className={classes.marks}>
        {tls === 'off' && <Status tone="warn">{t('remoteDatabases.plain')}</Status>}
        {reach.isSuccess && <Status tone="good">{t('remoteDatabases.reached')}</Status>}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlugConnected size={15} aria-hidden />}
          loading={reach.isPending}
          onClick={() => reach.mutate()}
        >
          {t('remoteDatabases.test')}
        </Button>
        <Menu width={210}>
          <Menu.Target>
            <ActionIcon size="lg" aria-label={t('remoteDatabases.menu', { name })}>
              <IconDots size={19} stroke={1.8} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconSettings {...icon} />} onClick={() => onOpen('change')}>
              {t('remoteDatabases.change')}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={() => onOpen('remove')}>
              {t('remoteDatabases.remove.open')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </span>
      {reach.isError && (
        <div className={classes.whole}>
          <Notice tone="bad" role="alert" title={t('remoteDatabases.notReached')}>
            {errorText(reach.error)}
          </Notice>
        </div>
      )}
    </li>
  );
}

import { Button, Group } from '@mantine/core';
import { IconDatabaseOff, IconPlus, IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useMe } from '../../api/session.ts';
import { NotFoundPage } from '../../layout/FailurePages.tsx';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { InstallButton, useOpenInstall } from '../software/InstallButton.tsx';
import classes from './Redis.module.css';
import { redisServerQuery, type RedisServer } from './redis.queries.ts';
import { RedisKeys } from './RedisKeys.tsx';

const NewRedisKey = lazy(async () => ({ default: (await import('./NewRedisKey.tsx')).NewRedisKey }));

/** The Redis of this machine: its databases and what is in them. */
export function RedisPage() {
  const { siteScope } = useMe();
  if (siteScope !== 'all') return <NotFoundPage />;
  return (
    <NeedsPermission permission="databases.manage" title="Redis">
      <Redis />
    </NeedsPermission>
  );
}

function Redis() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(redisServerQuery);
  const [database, setDatabase] = useState<number>();
  const [isMaking, setIsMaking] = useState(false);
  // Where something is, or the first.
  const chosen = database ?? data?.databases.find(({ keys }) => keys > 0)?.database ?? 0;
  const isRunning = data?.state === 'running';
  const installation = useOpenInstall('redis');
  useEffect(() => {
    if (installation === undefined) return undefined;
    // When it ends, what is there is asked anew.
    return () => void client.invalidateQueries({ queryKey: ['redis'] });
  }, [installation, client]);
  return (
    <Page
      title="Redis"
      description={t('redis.lead')}
      back={{ to: '/databases', label: t('databases.title') }}
      {...(isRunning
        ? {
            actions: (
              <Group gap="xs">
                <Button
                  variant="default"
                  leftSection={<IconRefresh size={17} aria-hidden />}
                  onClick={() => void client.invalidateQueries({ queryKey: ['redis'] })}
                >
                  {t('redis.reload')}
                </Button>
                <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setIsMaking(true)}>
                  {t('redis.new.title')}
                </Button>
              </Group>
            ),
          }
        : {})}
    >
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <>
          <RedisState server={data} />
          {isRunning && (
            <RedisKeys key={chosen} server={data} database={chosen} onChoose={(value) => setDatabase(value)} />
          )}
        </>
      )}
      <Suspense>{isMaking && <NewRedisKey database={chosen} onClose={() => setIsMaking(false)} />}</Suspense>
    </Page>
  );
}

function RedisState({ server }: { readonly server: RedisServer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const { state, version, isOpenToNetwork, memoryBytes, mostMemoryBytes } = server;
  if (state === 'missing')
    return (
      <Section padding="flush">
        <EmptyState
          icon={IconDatabaseOff}
          title={t('redis.missing')}
          text={t('redis.missingText')}
          {...(can('software.install') ? { action: <InstallButton name="redis" /> } : {})}
        />
      </Section>
    );
  return (
    <>
      {state !== 'running' && (
        <Notice tone="bad" role="alert" title={t(`redis.${state}`)}>
          {t(state === 'stopped' ? 'errors.reasons.redis_away' : 'errors.reasons.redis_closed')}
        </Notice>
      )}
      {isOpenToNetwork && (
        <Notice tone="warn" title={t('redis.open')}>
          {t('redis.openText')}
        </Notice>
      )}
      {state === 'running' && (
        <p className={classes.facts}>
          {version !== null && <Token mono>{`Redis ${version}`}</Token>}
          {memoryBytes !== null && (
            <span>
              {mostMemoryBytes === null
                ? t('redis.memory', { used: format.bytes(memoryBytes) })
                : t('redis.memoryOf', { used: format.bytes(memoryBytes), most: format.bytes(mostMemoryBytes) })}
            </span>
          )}
        </p>
      )}
    </>
  );
}

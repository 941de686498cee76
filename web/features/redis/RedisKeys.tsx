import { Button, NativeSelect, TextInput, UnstyledButton } from '@mantine/core';
import { IconKey, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { FlushRedis } from './FlushRedis.tsx';
import classes from './Redis.module.css';
import { patternOf, redisKeysQuery, type RedisKey, type RedisServer, type RedisType } from './redis.queries.ts';
import { RedisTextView } from './RedisTextView.tsx';
import { useTimeLeft } from './use-time-left.ts';

const RedisKeySheet = lazy(async () => ({ default: (await import('./RedisKeySheet.tsx')).RedisKeySheet }));

/** As the server calls them. */
const types = ['string', 'hash', 'list', 'set', 'zset', 'stream'] as const satisfies RedisType[];

type RedisKeysProps = {
  readonly server: RedisServer;
  readonly database: number;
  readonly onChoose: (database: number) => void;
};

/** Keys of one database, looked for by pieces: the server is never asked for all of them. */
export function RedisKeys({ server, database, onChoose }: RedisKeysProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [wanted, setWanted] = useState('');
  const [pattern, setPattern] = useState('*');
  const [type, setType] = useState<RedisType | null>(null);
  const [open, setOpen] = useState<RedisKey>();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    redisKeysQuery({ database, pattern, type }),
  );
  // A key that moves while the server makes room may come twice.
  const items = [
    ...new Map(
      (data?.pages ?? []).flatMap((page) => page.items).map((item) => [item.id ?? item.name.text, item]),
    ).values(),
  ];
  const keys = server.databases.find((each) => each.database === database)?.keys ?? 0;
  return (
    <Section padding="flush">
      <form
        className={classes.tools}
        onSubmit={(event) => {
          event.preventDefault();
          setPattern(patternOf(wanted));
        }}
      >
        <NativeSelect
          label={t('redis.database')}
          value={String(database)}
          onChange={(event) => onChoose(Number(event.currentTarget.value))}
          data={server.databases.map((each) => ({
            value: String(each.database),
            label: t('redis.databaseKeys', { database: each.database, keys: format.number(each.keys) }),
          }))}
        />
        <TextInput
          className={classes.search}
          label={t('redis.search')}
          placeholder="session:*"
          dir="ltr"
          maxLength={190}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('redis.type')}
          value={type ?? ''}
          onChange={(event) => setType(types.find((each) => each === event.currentTarget.value) ?? null)}
          data={[{ value: '', label: t('redis.allTypes') }, ...types.map((each) => ({ value: each, label: each }))]}
        />
        <Button type="submit" variant="default">
          {t('redis.find')}
        </Button>
        <FlushRedis database={database} keys={keys} />
      </form>
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={8} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          {items.length === 0 && !hasNextPage ? (
            <EmptyState
              icon={IconKey}
              title={t(keys === 0 ? 'redis.empty' : 'redis.noMatch')}
              text={t(keys === 0 ? 'redis.emptyText' : 'redis.noMatchText')}
            />
          ) : (
            <ul className={classes.keys} aria-label={t('redis.keys')}>
              {items.map((item) => (
                <KeyRow key={item.id ?? item.name.text} item={item} onOpen={() => setOpen(item)} />
              ))}
            </ul>
          )}
          {error !== null && <ErrorState error={error} onRetry={() => void fetchNextPage()} />}
          {hasNextPage && error === null && (
            <div className={classes.more}>
              <span className={classes.soft}>
                {t('redis.found', { count: items.length, value: format.number(items.length) })}
              </span>
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                {t('redis.more')}
              </Button>
            </div>
          )}
        </>
      )}
      <Suspense>
        {open !== undefined && open.id !== null && (
          <RedisKeySheet database={database} id={open.id} name={open.name} onClose={() => setOpen(undefined)} />
        )}
      </Suspense>
    </Section>
  );
}

function KeyRow({ item, onOpen }: { readonly item: RedisKey; readonly onOpen: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const timeLeft = useTimeLeft();
  const { id, name, type, expiresInMs, sizeBytes } = item;
  const inside = (
    <>
      <span className={classes.name}>
        <RedisTextView value={name} />
      </span>
      <span className={classes.soft}>
        {id === null ? t('redis.longName') : type === 'other' ? t('redis.otherType') : <Token mono>{type}</Token>}
        {expiresInMs !== null && <span>{timeLeft(expiresInMs)}</span>}
        {sizeBytes !== null && <bdi>{format.bytes(sizeBytes)}</bdi>}
      </span>
    </>
  );
  return (
    <li>
      {id === null ? (
        <div className={classes.key}>{inside}</div>
      ) : (
        <UnstyledButton className={classes.key} onClick={onOpen}>
          {inside}
        </UnstyledButton>
      )}
    </li>
  );
}

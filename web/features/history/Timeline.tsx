import { Button, Center } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { byDay } from '../../ui/by-day.ts';
import { ChangeItem } from './ChangeItem.tsx';
import { changesQuery } from './history.queries.ts';
import classes from './Timeline.module.css';

const dayMs = 86_400_000;

/** Changes under the days they belong to, newest first; of one site, or of all with their names. */
export function Timeline({ siteId }: { readonly siteId?: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now] = useState(Date.now);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    changesQuery(siteId),
  );
  if (data === undefined) {
    return (
      <Section padding="flush">
        {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  }
  const changes = data.pages.flatMap(({ items }) => items);
  if (changes.length === 0) {
    return (
      <Section padding="flush">
        <EmptyState icon={IconHistory} title={t('history.empty')} text={t('history.emptyText')} />
      </Section>
    );
  }
  const dateOf = (ms: number): string => format.date(new Date(ms).toISOString());
  const [today, yesterday] = [dateOf(now), dateOf(now - dayMs)];
  const known = new Map(changes.map((change) => [change.id, change]));
  return (
    <>
      {byDay(changes, (iso) => format.date(iso)).map(({ day, rows }) => (
        <section key={`${day} ${rows[0]?.id ?? ''}`} className={classes.day}>
          <h2 className={classes.date}>
            {day === today ? t('history.today') : day === yesterday ? t('history.yesterday') : day}
          </h2>
          <Section padding="flush">
            <ol className={classes.list}>
              {rows.map((change) => (
                <ChangeItem
                  key={change.id}
                  change={change}
                  undone={change.undoes === null ? undefined : known.get(change.undoes)}
                  isSiteShown={siteId === undefined}
                />
              ))}
            </ol>
          </Section>
        </section>
      ))}
      {hasNextPage && (
        <Center mt="lg">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('history.older')}
          </Button>
        </Center>
      )}
    </>
  );
}

import { Button, Progress, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { BatchResult } from '#shared/site-batches.ts';
import { useFormat } from '../../../ui/format.ts';
import { SideSheet } from '../../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../../ui/States.tsx';
import { Status, type Tone } from '../../../ui/Status.tsx';
import { useFailureText } from '../SiteState.tsx';
import { batchQuery } from './batch.queries.ts';
import classes from './Batch.module.css';

type BatchResultsProps = {
  readonly jobId: string;
  readonly title: string;
  readonly onAgain: (siteIds: readonly string[]) => void;
  readonly onClose: () => void;
};

const tones: Record<BatchResult['state'], Tone> = { changed: 'good', unchanged: 'idle', refused: 'bad' };

/** What became of each site; those that were refused first, with their reason. It goes on when this is closed. */
export function BatchResults({ jobId, title, onAgain, onClose }: BatchResultsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const failureText = useFailureText();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(batchQuery(jobId));
  const results = data?.results ?? [];
  const isOver = data?.job.endedAt != null;
  const refused = results.filter(({ state }) => state === 'refused');
  const inOrder = [...refused, ...results.filter(({ state }) => state !== 'refused')];
  const countOf = (state: BatchResult['state']): string =>
    format.number(results.filter((each) => each.state === state).length);

  useEffect(() => {
    if (isOver) void client.invalidateQueries({ queryKey: ['sites'] });
  }, [isOver, client]);

  return (
    <SideSheet
      title={title}
      size={480}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t(isOver ? 'batches.close' : 'common.actions.close')}</Button>
          {isOver && refused.length > 0 && (
            <Button variant="default" onClick={() => onAgain(refused.map(({ siteId }) => siteId))}>
              {t('batches.again')}
            </Button>
          )}
        </>
      }
    >
      {error !== null && data === undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingRows rows={4} />
      ) : (
        <Stack gap="md">
          <Text size="sm" fw={550} role="status" className="numbers">
            {isOver
              ? t('batches.summary', {
                  changed: countOf('changed'),
                  unchanged: countOf('unchanged'),
                  refused: countOf('refused'),
                })
              : t('batches.progress', { done: format.number(results.length), total: format.number(data.total) })}
          </Text>
          {!isOver && <Progress value={(100 * results.length) / data.total} aria-label={title} />}
          {isOver && results.length < data.total && (
            <Text size="sm" c="dimmed">
              {t('batches.stopped')}
            </Text>
          )}
          <ul className={classes.results}>
            {inOrder.map((result) => (
              <li key={result.siteId} className={classes.result}>
                <bdi className={classes.name}>{result.name}</bdi>
                <Status tone={tones[result.state]}>{t(`batches.states.${result.state}`)}</Status>
                {result.failure !== null && <p className={classes.why}>{failureText(result)}</p>}
              </li>
            ))}
          </ul>
        </Stack>
      )}
    </SideSheet>
  );
}

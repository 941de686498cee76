import { Button, Checkbox } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cronApi, type CrontabEntry } from '#shared/cron.ts';
import type { CronFacts } from '#shared/cron-work.ts';
import { call } from '../../api/client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { useCreateCronJob } from './cron.queries.ts';
import classes from './Cron.module.css';

const keyOf = ({ source, line }: CrontabEntry): string => `${source}:${line}`;

/** Lines of the machine's crontabs, and the jobs that are made of those that are chosen: switched off, as the lines go on. */
export function ImportSheet({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const create = useCreateCronJob();
  const { data, error, refetch } = useQuery({
    queryKey: ['cron', 'crontabs'],
    queryFn: ({ signal }) => call(cronApi.crontabs, { signal }),
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [made, setMade] = useState<readonly string[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const wanted = (data?.items ?? []).filter((entry) => chosen.includes(keyOf(entry)) && !made.includes(keyOf(entry)));
  const submit = async (): Promise<void> => {
    setIsBusy(true);
    setFailure(null);
    try {
      for (const entry of wanted) {
        await create.mutateAsync(factsOf(entry));
        setMade((before) => [...before, keyOf(entry)]);
      }
      sayDone(t('cron.import.done', { count: wanted.length, value: String(wanted.length) }));
      onClose();
    } catch (cause) {
      setFailure(cause);
    } finally {
      setIsBusy(false);
    }
  };
  const isEmpty = data?.items.length === 0;
  return (
    <SideSheet
      title={t('cron.import.title')}
      onClose={isBusy ? () => undefined : onClose}
      size={680}
      footer={
        <>
          <Button onClick={() => void submit()} loading={isBusy} disabled={wanted.length === 0}>
            {t('cron.import.confirm', { count: wanted.length, value: String(wanted.length) })}
          </Button>
          <Button variant="default" onClick={onClose} disabled={isBusy}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={5} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : isEmpty ? (
        <EmptyState icon={IconFileImport} title={t('cron.import.none')} text={t('cron.import.noneText')} />
      ) : (
        <div className={classes.form}>
          <Notice tone="warn">{t('cron.import.off')}</Notice>
          {data.isCut && <Notice tone="warn">{t('cron.import.cut')}</Notice>}
          {failure !== null && (
            <Notice tone="bad" role="alert" title={t('cron.form.failed')}>
              {errorText(failure)}
            </Notice>
          )}
          <Checkbox.Group value={[...chosen]} onChange={setChosen}>
            <div className={classes.lines}>
              {data.items.map((entry) => (
                <Checkbox
                  key={keyOf(entry)}
                  value={keyOf(entry)}
                  disabled={entry.problem !== null || made.includes(keyOf(entry)) || isBusy}
                  label={<Token mono>{entry.text}</Token>}
                  description={
                    <>
                      <Token>{`${entry.source}:${entry.line}`}</Token>
                      {entry.problem !== null && ` · ${t(`cron.import.problems.${entry.problem}`)}`}
                      {made.includes(keyOf(entry)) && ` · ${t('cron.import.made')}`}
                    </>
                  }
                />
              ))}
            </div>
          </Checkbox.Group>
        </div>
      )}
    </SideSheet>
  );
}

const longestName = 80;

/** Cron itself has no time limit and starts a line again while it runs; here a day, and no overlap, are the safer ones. */
function factsOf({ text, user, siteId, expression, timeZone, language, script }: CrontabEntry): CronFacts {
  const command = text.replace(/^(?:@\w+|(?:\S+\s+){5})\s*/, '').trim();
  return {
    name: (command === '' ? text : command).slice(0, longestName).trim(),
    siteId,
    work: { kind: 'script', language, script, linuxUser: siteId === null ? user : null },
    schedule: { every: 'cron', expression, timeZone },
    timeoutSeconds: 86_400,
    retries: 0,
    retryPauseSeconds: 60,
    mayOverlap: false,
    catchesUp: false,
    keepRuns: 20,
    notify: 'failure',
    isEnabled: false,
  };
}

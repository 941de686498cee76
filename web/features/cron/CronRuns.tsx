import { Button, UnstyledButton } from '@mantine/core';
import { IconHistory, IconPlayerStop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { LogView } from '../../ui/LogView.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { cronOutputQuery, useCancelCronRun, type CronJob, type CronRun } from './cron.queries.ts';
import classes from './Cron.module.css';
import { DurationChart } from './DurationChart.tsx';
import { RunState } from './RunState.tsx';

type CronRunsProps = { readonly job: CronJob; readonly runs: readonly CronRun[] };

/** What was, newest first, and what the chosen run said. */
export function CronRuns({ job, runs }: CronRunsProps) {
  const { t } = useTranslation();
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = runs.find(({ id }) => id === chosenId) ?? runs[0];
  if (chosen === undefined)
    return (
      <Section title={t('cron.runs')} padding="flush">
        <EmptyState icon={IconHistory} title={t('cron.neverRan')} text={t('cron.neverRanText')} />
      </Section>
    );
  return (
    <>
      <Section title={t('cron.durations')}>
        <DurationChart runs={runs} onChoose={setChosenId} />
      </Section>
      <Section title={t('cron.runs')} padding="flush">
        <RunTable runs={runs} chosenId={chosen.id} onChoose={setChosenId} />
      </Section>
      <OutputSection key={chosen.id} job={job} run={chosen} />
    </>
  );
}

type RunTableProps = {
  readonly runs: readonly CronRun[];
  readonly chosenId: string;
  readonly onChoose: (runId: string) => void;
};

const firstShown = 10;

function RunTable({ runs, chosenId, onChoose }: RunTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isAll, setIsAll] = useState(false);
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            {(['started', 'state', 'duration', 'cpu', 'memory'] as const).map((column) => (
              <th key={column} scope="col">
                {t(`cron.runColumns.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(isAll ? runs : runs.slice(0, firstShown)).map((run) => (
            <tr key={run.id} aria-current={run.id === chosenId}>
              <td className={classes.what}>
                <UnstyledButton className={classes.name} onClick={() => onChoose(run.id)}>
                  {format.dateTime(run.startedAt)}
                </UnstyledButton>
                <span className={classes.soft}>
                  {run.trigger === 'schedule' ? t('cron.bySchedule') : <bdi>{run.actorName}</bdi>}
                </span>
              </td>
              <td>
                <RunState run={run} />
                <Why run={run} />
              </td>
              <td className="numbers">{format.duration(run.durationMs)}</td>
              <td className="numbers">{run.cpuMs === null ? '—' : format.duration(run.cpuMs)}</td>
              <td className="numbers">{run.memoryBytes === null ? '—' : format.bytes(run.memoryBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {runs.length > firstShown && !isAll && (
        <Button variant="subtle" fullWidth onClick={() => setIsAll(true)}>
          {t('cron.allRuns', { count: runs.length, value: format.number(runs.length) })}
        </Button>
      )}
    </>
  );
}

/** One that went wrong says why. */
function Why({ run: { cause, code, attempt } }: { readonly run: CronRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {cause !== null && (
        <span className={classes.soft}>{t(`cron.reasons.${cause}`, { code: code === null ? '—' : String(code) })}</span>
      )}
      {attempt > 1 && (
        <span className={classes.soft}>{t('cron.attempts', { count: attempt, value: format.number(attempt) })}</span>
      )}
    </>
  );
}

function OutputSection({ job, run }: { readonly job: CronJob; readonly run: CronRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('cron.write');
  const cancel = useCancelCronRun(job.id);
  const [isFollowing, setIsFollowing] = useState(true);
  const { data, error, refetch } = useQuery(cronOutputQuery(job.id, run.id));
  const text = data?.text ?? '';
  const lines = useMemo(
    () => (text === '' ? [] : text.replace(/\n$/, '').split('\n')).map((line, key) => ({ key, text: line })),
    [text],
  );
  const stop = run.state === 'running' && mayWrite && (
    <Button
      variant="default"
      size="xs"
      color="red"
      leftSection={<IconPlayerStop size={15} aria-hidden />}
      loading={cancel.isPending}
      onClick={() => finish(cancel, run.id, { onError: (failure) => sayFailed(t('cron.failed'), errorText(failure)) })}
    >
      {t('cron.cancel')}
    </Button>
  );
  return (
    <Section
      title={t('cron.output')}
      description={
        <>
          {format.dateTime(run.startedAt)}
          {run.cutBytes > 0 && ` · ${t('cron.cut', { size: format.bytes(run.cutBytes) })}`}
        </>
      }
      actions={stop}
      padding="flush"
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={3} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <div className={classes.output}>
          <LogView
            lines={lines}
            isFollowing={isFollowing}
            onFollowingChange={setIsFollowing}
            label={t('cron.output')}
            height={Math.min(420, 48 + 22 * Math.max(lines.length, 2))}
            isWrapped
            empty={t('cron.outputEmpty')}
          />
        </div>
      )}
    </Section>
  );
}

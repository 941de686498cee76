import { Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { useEnableCronJob, type ListedCronJob } from './cron.queries.ts';
import classes from './Cron.module.css';
import { RunState } from './RunState.tsx';
import { scheduleText } from './schedule-text.ts';

export function CronTable({ items }: { readonly items: readonly ListedCronJob[] }) {
  const { t } = useTranslation();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          {(['name', 'when', 'next', 'last'] as const).map((column) => (
            <th key={column} scope="col">
              {t(`cron.columns.${column}`)}
            </th>
          ))}
          <td aria-hidden />
        </tr>
      </thead>
      <tbody>
        {items.map((job) => (
          <CronRow key={job.id} job={job} />
        ))}
      </tbody>
    </table>
  );
}

function CronRow({ job }: { readonly job: ListedCronJob }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { language } = useLook();
  const mayWrite = useCan()('cron.write');
  const enable = useEnableCronJob(job.id);
  const { id, name, site, work, runsAs, schedule, nextRunAt, lastRun, isEnabled } = job;
  const isOn = enable.isPending ? enable.variables : isEnabled;
  return (
    <tr>
      <td className={classes.what}>
        <Link to="/cron/$jobId" params={{ jobId: id }} className={classes.name}>
          <bdi>{name}</bdi>
        </Link>
        <span className={classes.soft}>
          {work.kind === 'url' ? <Token>{work.url}</Token> : <Token>{[work.language, runsAs].join(' · ')}</Token>}
        </span>
        {site !== null && (
          <span className={classes.soft}>
            <bdi>{site.name}</bdi>
          </span>
        )}
      </td>
      <td>
        {schedule.every === 'cron' ? (
          <Token mono>{schedule.expression}</Token>
        ) : (
          scheduleText(t, format, language, schedule)
        )}
        <span className={classes.soft}>
          <Token>{schedule.timeZone}</Token>
        </span>
      </td>
      <td>
        {nextRunAt === null ? (
          <span className={classes.soft}>{t(isEnabled ? 'cron.never' : 'cron.isOff')}</span>
        ) : (
          <time dateTime={nextRunAt} title={format.dateTime(nextRunAt)}>
            {format.ago(nextRunAt)}
          </time>
        )}
      </td>
      <td>
        {lastRun === null ? (
          <span className={classes.soft}>{t('cron.neverRan')}</span>
        ) : (
          <>
            <RunState run={lastRun} />
            <span className={classes.soft}>
              {format.ago(lastRun.startedAt)} · {format.duration(lastRun.durationMs)}
            </span>
          </>
        )}
      </td>
      <td className={classes.end}>
        <Switch
          checked={isOn}
          disabled={!mayWrite || enable.isPending}
          aria-label={t('cron.enable', { name })}
          onChange={(event) =>
            finish(enable, event.currentTarget.checked, {
              onError: (failure) => sayFailed(t('cron.failed'), errorText(failure)),
            })
          }
        />
      </td>
    </tr>
  );
}

import { Checkbox, Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { mostCronAtOnce } from '#shared/cron-transfer.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import type { SortOrder } from '../../ui/lists/list-search.ts';
import { SortHeads } from '../../ui/lists/SortHeads.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';
import { firstOrder } from './cron-order.ts';
import type { CronSort } from './cron-search.ts';
import { useEnableCronJob, type ListedCronJob } from './cron.queries.ts';
import classes from './Cron.module.css';
import { RunState } from './RunState.tsx';
import { scheduleText } from './schedule-text.ts';
import { WorkText } from './WorkText.tsx';

/** Columns that can be left out. */
export const cronColumns = ['when', 'next', 'last'] as const;
export type CronColumn = (typeof cronColumns)[number];

type CronTableProps = {
  readonly items: readonly ListedCronJob[];
  readonly columns: readonly CronColumn[];
  readonly sort: CronSort;
  readonly order: SortOrder;
  readonly onSort: (sort: CronSort, order: SortOrder) => void;
  /** Ids of those that are chosen for what is done next. */
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (ids: readonly string[]) => void;
};

export function CronTable({ items, columns, sort, order, onSort, chosen, onChoose }: CronTableProps) {
  const { t } = useTranslation();
  const count = items.filter(({ id }) => chosen.has(id)).length;
  const toggle = (id: string): void => onChoose([...chosen.symmetricDifference(new Set([id]))]);
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <td className={classes.pick}>
            <Checkbox
              size="xs"
              radius="sm"
              aria-label={t('cron.batch.all')}
              checked={count > 0 && count === items.length}
              indeterminate={count > 0 && count < items.length}
              onChange={() => onChoose(count > 0 ? [] : items.slice(0, mostCronAtOnce).map(({ id }) => id))}
            />
          </td>
          <SortHeads
            columns={['name', ...columns]}
            label={(column) => t(`cron.columns.${column}`)}
            {...{ sort, order, firstOrder, onSort }}
          />
          <td aria-hidden />
        </tr>
      </thead>
      <tbody>
        {items.map((job) => (
          <CronRow
            key={job.id}
            job={job}
            columns={columns}
            isChosen={chosen.has(job.id)}
            onToggle={() => toggle(job.id)}
          />
        ))}
      </tbody>
    </table>
  );
}

type CronRowProps = {
  readonly job: ListedCronJob;
  readonly columns: readonly CronColumn[];
  readonly isChosen: boolean;
  readonly onToggle: () => void;
};

function CronRow({ job, columns, isChosen, onToggle }: CronRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { language } = useLook();
  const mayWrite = useCan()('cron.write');
  const enable = useEnableCronJob(job.id);
  const { id, name, site, schedule, nextRunAt, lastRun, isEnabled } = job;
  const isOn = enable.isPending ? enable.variables : isEnabled;
  return (
    <tr>
      <td className={classes.pick}>
        <Checkbox
          size="xs"
          radius="sm"
          aria-label={t('cron.batch.select', { name })}
          checked={isChosen}
          onChange={onToggle}
        />
      </td>
      <td className={classes.what}>
        <Link to="/cron/$jobId" params={{ jobId: id }} className={classes.name}>
          <bdi>{name}</bdi>
        </Link>
        <span className={classes.soft}>
          <WorkText job={job} />
        </span>
        {site !== null && (
          <span className={classes.soft}>
            <SiteTitle name={site.name} />
          </span>
        )}
      </td>
      {columns.includes('when') && (
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
      )}
      {columns.includes('next') && (
        <td>
          {nextRunAt === null ? (
            <span className={classes.soft}>{t(isEnabled ? 'cron.never' : 'cron.isOff')}</span>
          ) : (
            <time dateTime={nextRunAt} title={format.dateTime(nextRunAt)}>
              {format.ago(nextRunAt)}
            </time>
          )}
        </td>
      )}
      {columns.includes('last') && (
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
      )}
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

import { useTranslation } from 'react-i18next';
import type { CronRun } from '#shared/cron.ts';
import { useFormat } from '../../ui/format.ts';
import classes from './Cron.module.css';

type DurationChartProps = { readonly runs: readonly CronRun[]; readonly onChoose: (runId: string) => void };

const mostBars = 60;

/** How long each run took, oldest first; time runs from left to right in every language. */
export function DurationChart({ runs, onChoose }: DurationChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = runs.slice(0, mostBars).toReversed();
  const longest = Math.max(1, ...shown.map(({ durationMs }) => durationMs));
  const mean = shown.reduce((sum, { durationMs }) => sum + durationMs, 0) / Math.max(1, shown.length);
  return (
    <>
      <div className={classes.chart} role="group" aria-label={t('cron.durations')}>
        {shown.map((run) => {
          const label = `${format.dateTime(run.startedAt)}: ${t(`cron.states.${run.state}`)}, ${format.duration(run.durationMs)}`;
          return (
            <button
              key={run.id}
              type="button"
              className={classes.barOfRun}
              data-state={run.state}
              style={{ height: `${Math.max(4, (run.durationMs / longest) * 100)}%` }}
              title={label}
              aria-label={label}
              onClick={() => onChoose(run.id)}
            />
          );
        })}
      </div>
      <p className={`${classes.chartNote} numbers`}>
        {t('cron.longest', { longest: format.duration(longest), mean: format.duration(mean) })}
      </p>
    </>
  );
}

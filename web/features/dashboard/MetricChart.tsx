import { useQuery } from '@tanstack/react-query';
import { Component, lazy, Suspense, useEffect, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { seedSamples } from '../../layout/live.ts';
import { loadChart } from './dashboard-start.ts';
import { useFormat } from '../../ui/format.ts';
import { historyQuery } from './dashboard.queries.ts';
import { shownPercent } from './levels.ts';
import classes from './MetricChart.module.css';
import { columnsOf, peakOf, windowSeconds, type Metric } from './series.ts';
import type { Machine } from './use-machine.ts';

const Chart = lazy(loadChart);

const colors = ['--app-chart-1', '--app-chart-2'] as const;
const names = {
  cpu: ['vitals.cpu'],
  memory: ['memory.used', 'memory.cached'],
  network: ['vitals.received', 'vitals.sent'],
  disk: ['vitals.read', 'vitals.written'],
} as const;
/** A quiet line is not blown up: 16 KiB/s and 256 KiB/s at least. */
const leastMost = { cpu: 100, memory: 0, network: 16 * 1024, disk: 256 * 1024 } as const;

/** The last five minutes of one metric. The drawing part is a file of its own. */
export function MetricChart({
  metric,
  machine: { samples, now },
}: {
  readonly metric: Metric;
  readonly machine: Machine;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(historyQuery);
  useEffect(() => {
    if (data !== undefined) seedSamples(data.items);
  }, [data]);

  const { times, values } = useMemo(() => columnsOf(samples, metric), [samples, metric]);
  const series = useMemo(
    () =>
      names[metric].map((name, index) => ({
        name: t(`dashboard.${name}`),
        color: colors[index] ?? colors[0],
        values: values[index] ?? [],
      })),
    [metric, values, t],
  );
  const formatValue = {
    cpu: (value: number) => format.percent(shownPercent(value)),
    memory: (value: number) => format.bytes(value),
    network: (value: number) => format.bytesPerSecond(value),
    disk: (value: number) => format.bytesPerSecond(value),
  }[metric];
  const most = { cpu: 100, memory: now?.memory.totalBytes, network: undefined, disk: undefined }[metric];
  const summary = series.map(({ name, values: line }) => {
    const last = line.at(-1);
    const peak = peakOf(line);
    if (typeof last !== 'number' || peak === null) return name;
    return t('dashboard.chart.summary', { name, now: formatValue(last), peak: formatValue(peak) });
  });

  const empty = <div className={classes.empty} />;
  return (
    <div className={classes.frame}>
      <ChartBoundary fallback={<p className={classes.failed}>{t('dashboard.chart.failed')}</p>}>
        <Suspense fallback={empty}>
          {times.length === 0 ? (
            empty
          ) : (
            <Chart
              times={times}
              series={series}
              windowSeconds={windowSeconds}
              {...(most === undefined ? {} : { most })}
              leastMost={leastMost[metric]}
              format={formatValue}
              formatAge={(seconds) =>
                seconds === 0
                  ? t('dashboard.chart.now')
                  : t('dashboard.chart.minutesAgo', { value: format.number(seconds / 60) })
              }
              formatTime={(seconds) => format.time(new Date(seconds * 1000).toISOString())}
              note={t('dashboard.chart.range')}
              label={summary.join(' ')}
            />
          )}
        </Suspense>
      </ChartBoundary>
    </div>
  );
}

/** A picture that cannot be loaded (a new version was installed meanwhile) takes nothing else with it. */
class ChartBoundary extends Component<
  { readonly fallback: ReactNode; readonly children: ReactNode },
  { readonly hasFailed: boolean }
> {
  override state = { hasFailed: false };
  static getDerivedStateFromError() {
    return { hasFailed: true };
  }
  override render() {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}

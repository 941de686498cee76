import { SegmentedControl } from '@mantine/core';
import { Component, lazy, Suspense, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { daysOfRange, type SiteTraffic, type TrafficRange } from '#shared/logs.ts';
import { useFormat } from '../../ui/format.ts';
import classes from './SiteTraffic.module.css';

const Chart = lazy(async () => {
  const { Chart: chart } = await import('../../ui/Chart.tsx');
  return { default: chart };
});

const measures = ['requests', 'bytes'] as const;
type Measure = (typeof measures)[number];
const hour = 3_600;

/** Answers and errors, or what was sent, over the chosen time. */
export function TrafficChart({
  points,
  range,
}: {
  readonly points: SiteTraffic['points'];
  readonly range: TrafficRange;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [measure, setMeasure] = useState<Measure>('requests');
  const times = useMemo(() => points.map(({ at }) => Date.parse(at) / 1_000), [points]);
  const series = useMemo(
    () =>
      measure === 'bytes'
        ? [{ name: t('traffic.chart.bytes'), color: '--app-chart-1', values: points.map(({ bytes }) => bytes) }]
        : [
            {
              name: t('traffic.chart.answered'),
              color: '--app-chart-1',
              values: points.map(({ requests, refused, failed }) => requests - refused - failed),
            },
            {
              name: t('traffic.chart.errors'),
              color: '--app-chart-2',
              values: points.map(({ refused, failed }) => refused + failed),
            },
          ],
    [points, measure, t],
  );
  const show = (value: number): string => (measure === 'bytes' ? format.bytes(value) : format.number(value));
  const isByDay = range === 'month';
  const windowSeconds = Math.max(hour, (times.at(-1) ?? 0) - (times[0] ?? 0));
  const label = series
    .map(({ name, values }) =>
      t('traffic.chart.summary', {
        name,
        total: show(values.reduce((sum, value) => sum + value, 0)),
        peak: show(Math.max(0, ...values)),
      }),
    )
    .join(' ');
  return (
    <div className={classes.frame}>
      <div className={classes.measure}>
        <SegmentedControl
          size="xs"
          value={measure}
          onChange={(value) => setMeasure(value as Measure)}
          data={measures.map((value) => ({ value, label: t(`traffic.measure.${value}`) }))}
          aria-label={t('traffic.measure.label')}
        />
      </div>
      <ChartBoundary fallback={<p className={classes.failed}>{t('traffic.chart.failed')}</p>}>
        <Suspense fallback={<div className={classes.empty} />}>
          <Chart
            key={`${measure} ${range}`}
            times={times}
            series={series}
            windowSeconds={windowSeconds}
            stepSeconds={isByDay ? 24 * hour : hour}
            leastMost={measure === 'bytes' ? 1_024 : 8}
            format={show}
            formatAge={(seconds) =>
              seconds < hour / 2
                ? t('traffic.chart.now')
                : daysOfRange[range] === 1
                  ? t('traffic.chart.hoursAgo', { value: format.number(seconds / hour, 1) })
                  : t('traffic.chart.daysAgo', { value: format.number(seconds / (24 * hour), 1) })
            }
            formatTime={(seconds) => {
              const at = new Date(seconds * 1_000).toISOString();
              return isByDay ? format.date(at) : format.dateTime(at);
            }}
            note={t(isByDay ? 'traffic.chart.perDay' : 'traffic.chart.perHour')}
            label={label}
          />
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

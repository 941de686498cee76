import { SegmentedControl, Tooltip } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { trafficRanges, type SiteTraffic as Traffic, type TrafficRange } from '#shared/logs.ts';
import { useFormat } from '../../ui/format.ts';
import { Meter } from '../../ui/Meter.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { useSite } from '../sites/site-context.ts';
import { TopTables } from './TopTables.tsx';
import { TrafficChart } from './TrafficChart.tsx';
import { trafficQuery } from './traffic.queries.ts';
import classes from './SiteTraffic.module.css';

/** Who comes to the site and what it answers, counted from its access log. */
export function SiteTraffic() {
  const { t } = useTranslation();
  const { id } = useSite();
  const [range, setRange] = useState<TrafficRange>('day');
  const { data, error, refetch } = useQuery(trafficQuery(id, range));
  const choice = (
    <SegmentedControl
      size="xs"
      value={range}
      onChange={(value) => setRange(value as TrafficRange)}
      data={trafficRanges.map((value) => ({ value, label: t(`traffic.range.${value}`) }))}
      aria-label={t('traffic.range.label')}
    />
  );
  if (data === undefined) {
    return (
      <Section title={t('traffic.totals.title')} actions={choice} padding="flush">
        {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  }
  return (
    <div className={classes.page}>
      <Section title={t('traffic.totals.title')} description={<Counted traffic={data} />} actions={choice}>
        {!data.isLogged && (
          <Notice tone="warn" role="status">
            {t('traffic.unlogged')}
          </Notice>
        )}
        {data.isBehind && (
          <Notice tone="info" role="status">
            {t('traffic.behind')}
          </Notice>
        )}
        {data.total.requests === 0 && !data.isBehind ? (
          data.isLogged && (
            <EmptyState icon={IconChartLine} title={t('traffic.empty.title')} text={t('traffic.empty.text')} />
          )
        ) : (
          <>
            <Totals traffic={data} />
            <TrafficChart points={data.points} range={range} />
            <Statuses traffic={data} />
          </>
        )}
      </Section>
      {data.total.requests > 0 && <TopTables traffic={data} />}
    </div>
  );
}

function Counted({ traffic: { countedUntil, unreadable } }: { readonly traffic: Traffic }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {countedUntil !== null && t('traffic.counted', { time: format.time(countedUntil) })}
      {unreadable > 0 && <> · {t('traffic.unreadable', { count: unreadable, value: format.number(unreadable) })}</>}
    </>
  );
}

function Totals({ traffic: { total, visitors } }: { readonly traffic: Traffic }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errors = total.refused + total.failed;
  const share = total.requests === 0 ? 0 : (errors / total.requests) * 100;
  const facts = [
    { key: 'requests', value: format.number(total.requests) },
    { key: 'visitors', value: format.number(visitors), hint: t('traffic.totals.visitorsHint') },
    { key: 'bytes', value: format.bytes(total.bytes) },
    {
      key: 'errors',
      value: `${format.number(errors)} (${format.percent(share, 1)})`,
      hint: t('traffic.totals.errorsHint'),
    },
  ] as const;
  return (
    <dl className={classes.totals}>
      {facts.map((fact) => (
        <div key={fact.key}>
          <dt>
            {'hint' in fact ? (
              <Tooltip label={fact.hint} events={{ hover: true, focus: true, touch: true }}>
                <span tabIndex={0}>{t(`traffic.totals.${fact.key}`)}</span>
              </Tooltip>
            ) : (
              t(`traffic.totals.${fact.key}`)
            )}
          </dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

const groups = [
  { key: 'succeeded', color: 'var(--app-chart-1)' },
  { key: 'redirected', color: 'var(--app-chart-2)' },
  { key: 'refused', color: 'var(--app-warn)' },
  { key: 'failed', color: 'var(--app-bad)' },
  { key: 'informed', color: 'var(--app-text-soft)' },
] as const;

function Statuses({ traffic: { total } }: { readonly traffic: Traffic }) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = groups.filter(({ key }) => total[key] > 0);
  const percent = (value: number): number => (value / Math.max(1, total.requests)) * 100;
  const words = shown.map(({ key }) => `${t(`traffic.statuses.${key}`)}: ${format.number(total[key])}`);
  return (
    <div className={classes.statuses}>
      <Meter
        label={`${t('traffic.statuses.title')}. ${words.join('، ')}`}
        parts={shown.map(({ key, color }) => ({ percent: percent(total[key]), color }))}
      />
      <ul className={classes.keys}>
        {shown.map(({ key, color }) => (
          <li key={key}>
            <span className={classes.swatch} style={{ background: color }} aria-hidden />
            {t(`traffic.statuses.${key}`)}
            <strong>{format.number(total[key])}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

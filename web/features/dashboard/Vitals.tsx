import { Skeleton, useDirection } from '@mantine/core';
import { useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { SystemSample } from '#shared/system.ts';
import { useFormat } from '../../ui/format.ts';
import { MetricChart } from './MetricChart.tsx';
import { MetricDetail } from './MetricDetail.tsx';
import { columnsOf, metrics, sparkline, type Metric } from './series.ts';
import type { Machine } from './use-machine.ts';
import { useReadings } from './use-readings.ts';
import classes from './Vitals.module.css';

type VitalsProps = { readonly machine: Machine; readonly cores: number | undefined; readonly cpuModel: string };

/** The machine at a glance: four values, and the one that is chosen over the last minutes with its parts. */
export function Vitals({ machine, cores, cpuModel }: VitalsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { dir } = useDirection();
  const [chosen, setChosen] = useState<Metric>('cpu');
  const tabs = useRef<HTMLDivElement>(null);
  const { now, samples, isStale } = machine;

  const onKeyDown = (event: KeyboardEvent): void => {
    const forward = dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const backward = dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
    const at = metrics.indexOf(chosen);
    const next =
      event.key === forward
        ? metrics[(at + 1) % metrics.length]
        : event.key === backward
          ? metrics.at(at - 1)
          : event.key === 'Home'
            ? metrics[0]
            : event.key === 'End'
              ? metrics.at(-1)
              : undefined;
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
    tabs.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };

  return (
    <section className={classes.vitals} aria-label={t('dashboard.vitals.title')} data-stale={isStale || undefined}>
      <h2 className="visually-hidden">{t('dashboard.vitals.title')}</h2>
      {isStale && now !== undefined && (
        <p className={classes.stale} role="status">
          {t('dashboard.vitals.lastSeen', { time: format.time(now.at) })}
        </p>
      )}
      {/* The numbers change every second: nobody wants them read out by themselves. */}
      <div
        ref={tabs}
        className={classes.tabs}
        role="tablist"
        aria-label={t('dashboard.vitals.title')}
        aria-live="off"
        onKeyDown={onKeyDown}
      >
        {metrics.map((metric) => (
          <VitalTab
            key={metric}
            metric={metric}
            samples={samples}
            cores={cores}
            isChosen={metric === chosen}
            onChoose={() => setChosen(metric)}
          />
        ))}
      </div>
      <div className={classes.panel} role="tabpanel" id="vital-panel" aria-labelledby={`tab-${chosen}`} aria-live="off">
        <MetricChart metric={chosen} machine={machine} />
        <MetricDetail metric={chosen} now={now} cores={cores} cpuModel={cpuModel} />
      </div>
    </section>
  );
}

type TabProps = {
  readonly metric: Metric;
  readonly samples: readonly SystemSample[];
  readonly cores: number | undefined;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
};

const box = { width: 120, height: 26 };

function VitalTab({ metric, samples, cores, isChosen, onChoose }: TabProps) {
  const { t } = useTranslation();
  const { value, detail, most } = useReadings(samples.at(-1), cores)[metric];
  const recent = columnsOf(samples.slice(-60), metric).values[0] ?? [];
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${metric}`}
      aria-selected={isChosen}
      aria-controls="vital-panel"
      tabIndex={isChosen ? 0 : -1}
      className={classes.tab}
      onClick={onChoose}
    >
      <span className={classes.label}>{t(`dashboard.vitals.${metric}`)}</span>
      <span className={classes.value}>
        {value !== undefined ? (
          <Amount text={value} />
        ) : samples.length === 0 ? (
          <Skeleton component="span" display="inline-block" width={76} height={22} radius="sm" aria-hidden />
        ) : (
          <span title={t('dashboard.vitals.waiting')}>—</span>
        )}
      </span>
      <span className={classes.detail}>{detail ?? '\u00a0'}</span>
      {/* Time runs from left to right in every language, as in the chart. */}
      <svg
        className={classes.spark}
        viewBox={`0 -2 ${box.width} ${box.height + 4}`}
        preserveAspectRatio="none"
        aria-hidden
      >
        <polyline points={sparkline(recent, most, box.width, box.height)} vectorEffect="non-scaling-stroke" />
      </svg>
    </button>
  );
}

/** `1.2 MiB/s`: the number large, its unit small. */
function Amount({ text }: { readonly text: string }) {
  const at = text.indexOf(' ');
  if (at === -1) return text;
  return (
    <>
      {text.slice(0, at)}
      <span className={classes.unit}>{text.slice(at)}</span>
    </>
  );
}

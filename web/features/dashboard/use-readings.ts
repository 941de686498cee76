import { useTranslation } from 'react-i18next';
import type { SystemSample } from '#shared/system.ts';
import { useFormat } from '../../ui/format.ts';
import { shownPercent } from './levels.ts';
import { memoryPercent, read, received, sent, written, type Metric } from './series.ts';

export type Reading = {
  /** undefined until it is known. */
  readonly value: string | undefined;
  readonly detail: string | undefined;
  /** What the small line is measured against; 0: its own highest value. */
  readonly most: number;
};

/** The four values of a sample in words. */
export function useReadings(now: SystemSample | undefined, cores: number | undefined): Record<Metric, Reading> {
  const { t } = useTranslation();
  const format = useFormat();
  if (now === undefined) {
    const unknown = { value: undefined, detail: undefined, most: 0 };
    return { cpu: unknown, memory: unknown, network: unknown, disk: unknown };
  }
  const hasRates = now.cpuPercent !== null;
  const both = (one: number, other: number, name: string) => ({
    value: hasRates ? format.bytesPerSecond(one) : undefined,
    detail: hasRates ? `${name} ${format.bytesPerSecond(other)}` : undefined,
    most: 0,
  });
  const load = t('dashboard.vitals.load', { value: format.fixed(now.load[0], 2) });
  return {
    cpu: {
      value: now.cpuPercent === null ? undefined : format.percent(shownPercent(now.cpuPercent)),
      detail:
        cores === undefined
          ? load
          : `${load} · ${t('dashboard.vitals.cores', { count: cores, value: format.number(cores) })}`,
      most: 100,
    },
    memory: {
      value: format.percent(shownPercent(memoryPercent(now))),
      detail: t('dashboard.vitals.usedOf', {
        used: format.bytes(now.memory.usedBytes),
        total: format.bytes(now.memory.totalBytes),
      }),
      most: now.memory.totalBytes,
    },
    network: both(received(now), sent(now), t('dashboard.vitals.sent')),
    disk: both(read(now), written(now), t('dashboard.vitals.written')),
  };
}

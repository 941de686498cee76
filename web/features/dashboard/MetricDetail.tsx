import { Skeleton, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SystemSample } from '#shared/system.ts';
import { CpuDetail } from './CpuDetail.tsx';
import { MemoryDetail } from './MemoryDetail.tsx';
import classes from './MetricDetail.module.css';
import { RatesDetail } from './RatesDetail.tsx';
import type { Metric } from './series.ts';

type DetailProps = {
  readonly metric: Metric;
  readonly now: SystemSample | undefined;
  readonly cores: number | undefined;
  readonly cpuModel: string;
};

/** The parts of the chosen metric, beside its chart. */
export function MetricDetail({ metric, now, cores, cpuModel }: DetailProps) {
  return (
    <div className={classes.detail}>
      {now === undefined ? <WaitingParts /> : <Parts {...{ metric, now, cores, cpuModel }} />}
    </div>
  );
}

const widths = ['40%', '100%', '100%', '55%'];

function WaitingParts() {
  return (
    <Stack gap="md" pt={6} aria-hidden>
      {widths.map((width, index) => (
        <Skeleton key={index} height={12} width={width} radius="sm" />
      ))}
    </Stack>
  );
}

function Parts({ metric, now, cores, cpuModel }: DetailProps & { readonly now: SystemSample }) {
  const { t } = useTranslation();
  switch (metric) {
    case 'cpu':
      return <CpuDetail now={now} cores={cores} cpuModel={cpuModel} />;
    case 'memory':
      return <MemoryDetail now={now} />;
    case 'network':
      return (
        <RatesDetail
          title={t('dashboard.network.interfaces')}
          none={t('dashboard.network.none')}
          into={t('dashboard.vitals.received')}
          out={t('dashboard.vitals.sent')}
          rows={now.network.map(({ name, receivedBytesPerSecond, sentBytesPerSecond }) => ({
            name,
            into: receivedBytesPerSecond,
            out: sentBytesPerSecond,
          }))}
        />
      );
    case 'disk':
      return (
        <RatesDetail
          title={t('dashboard.diskIo.devices')}
          none={t('dashboard.diskIo.none')}
          into={t('dashboard.vitals.read')}
          out={t('dashboard.vitals.written')}
          rows={now.diskIo.map(({ device, readBytesPerSecond, writeBytesPerSecond }) => ({
            name: device,
            into: readBytesPerSecond,
            out: writeBytesPerSecond,
          }))}
        />
      );
  }
}

import { useTranslation } from 'react-i18next';
import type { SystemSample } from '#shared/system.ts';
import { useFormat } from '../../ui/format.ts';
import { Meter } from '../../ui/Meter.tsx';
import { share, shownPercent } from './levels.ts';
import classes from './MetricDetail.module.css';

const usedColor = 'var(--app-chart-1)';
const cachedColor = 'var(--app-chart-2)';

/** Who has the memory, and how much of the swap is in use. */
export function MemoryDetail({ now: { memory, swap } }: { readonly now: SystemSample }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = [
    { name: t('dashboard.memory.used'), bytes: memory.usedBytes, color: usedColor },
    { name: t('dashboard.memory.cached'), bytes: memory.cachedBytes, color: cachedColor },
    { name: t('dashboard.memory.available'), bytes: memory.availableBytes, color: undefined },
    { name: t('dashboard.memory.total'), bytes: memory.totalBytes, color: undefined },
  ];
  return (
    <>
      <h3 className={classes.title}>{t('dashboard.memory.title')}</h3>
      <ul className={classes.rows}>
        <li>
          <Meter
            parts={[
              { percent: share(memory.usedBytes, memory.totalBytes), color: usedColor },
              { percent: share(memory.cachedBytes, memory.totalBytes), color: cachedColor },
            ]}
            label={rows.map(({ name, bytes }) => `${name} ${format.bytes(bytes)}`).join(', ')}
          />
        </li>
        {rows.map(({ name, bytes, color }) => (
          <li key={name} className={classes.pair}>
            <span className={classes.soft}>
              {color !== undefined && <span className={classes.swatch} style={{ background: color }} aria-hidden />}
              {name}
            </span>
            <span className={classes.number}>{format.bytes(bytes)}</span>
          </li>
        ))}
      </ul>
      <h3 className={classes.title}>{t('dashboard.memory.swap')}</h3>
      {swap.totalBytes === 0 ? <p className={classes.none}>{t('dashboard.memory.noSwap')}</p> : <Swap swap={swap} />}
    </>
  );
}

function Swap({ swap: { usedBytes, totalBytes } }: Pick<SystemSample, 'swap'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const percent = share(usedBytes, totalBytes);
  const words = t('dashboard.vitals.usedOf', { used: format.bytes(usedBytes), total: format.bytes(totalBytes) });
  return (
    <ul className={classes.rows}>
      <li>
        <Meter
          size="thin"
          parts={[{ percent, color: 'var(--app-chart-3)' }]}
          label={`${t('dashboard.memory.swapUsed')}: ${words}`}
        />
      </li>
      <li className={classes.pair}>
        <span className={classes.soft}>{words}</span>
        <span className={classes.number}>{format.percent(shownPercent(percent))}</span>
      </li>
    </ul>
  );
}

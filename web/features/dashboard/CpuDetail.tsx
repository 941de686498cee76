import { useTranslation } from 'react-i18next';
import type { SystemSample } from '#shared/system.ts';
import { useFormat } from '../../ui/format.ts';
import { Meter } from '../../ui/Meter.tsx';
import { Token } from '../../ui/Token.tsx';
import { loadLevel, shownPercent } from './levels.ts';
import classes from './MetricDetail.module.css';

/** As many cores as fit as lines with numbers; more become upright bars. */
const mostLines = 4;
const minutes = [1, 5, 15] as const;

type CpuProps = { readonly now: SystemSample; readonly cores: number | undefined; readonly cpuModel: string };

/** Each core, and how many processes want one. */
export function CpuDetail({ now: { coresPercent, load }, cores = 0, cpuModel }: CpuProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const isHigh = loadLevel(load[0], cores) !== 'good';
  return (
    <>
      <h3 className={classes.title}>
        {t('dashboard.cpu.cores')}
        {cpuModel !== '' && (
          <span className={classes.model} title={cpuModel}>
            <Token>{cpuModel}</Token>
          </span>
        )}
      </h3>
      <Cores percents={coresPercent.length === 0 ? Array.from({ length: cores }, () => 0) : coresPercent} />
      <h3 className={classes.title}>{t('dashboard.cpu.load')}</h3>
      <dl className={classes.loads}>
        {minutes.map((count, index) => (
          <div key={count}>
            <dt>{t('dashboard.cpu.minutes', { count, value: format.number(count) })}</dt>
            <dd data-level={loadLevel(load[index] ?? 0, cores)}>{format.fixed(load[index] ?? 0, 2)}</dd>
          </div>
        ))}
      </dl>
      {isHigh && <p className={classes.warn}>{t('dashboard.cpu.loadHigh')}</p>}
    </>
  );
}

function Cores({ percents }: { readonly percents: readonly number[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = (index: number, percent: number): string =>
    t('dashboard.cpu.core', { number: format.number(index + 1), value: format.percent(shownPercent(percent)) });
  if (percents.length > mostLines) {
    return (
      <ul className={classes.bars}>
        {percents.map((percent, index) => (
          <li key={index} className={classes.bar} title={label(index, percent)}>
            <span style={{ height: `${percent}%` }} aria-hidden />
            <span className="visually-hidden">{label(index, percent)}</span>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <ul className={classes.rows}>
      {percents.map((percent, index) => (
        <li key={index} className={classes.core}>
          <span className={classes.soft}>{t('dashboard.cpu.coreNumber', { number: format.number(index + 1) })}</span>
          <Meter size="thin" parts={[{ percent, color: 'var(--app-chart-1)' }]} label={label(index, percent)} />
          <span className={classes.number} aria-hidden>
            {format.percent(shownPercent(percent))}
          </span>
        </li>
      ))}
    </ul>
  );
}

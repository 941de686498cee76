import { useTranslation } from 'react-i18next';
import type { SystemSample } from '#shared/system.ts';
import { useFormat } from '../../ui/format.ts';
import classes from './PanelCost.module.css';

/** What the panel itself takes from the machine. */
export function PanelCost({ cost }: { readonly cost: SystemSample['panel'] | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <p className={classes.cost}>
      {cost === undefined || cost.cpuPercent === null
        ? t('dashboard.cost.waiting')
        : t('dashboard.cost.text', { cpu: format.percent(cost.cpuPercent, 1), memory: format.bytes(cost.memoryBytes) })}
    </p>
  );
}

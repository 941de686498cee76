import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import classes from './LookSample.module.css';

const moment = '2026-03-05T14:07:00.000Z';

/** What numbers, sizes and times look like with these choices. */
export function LookSample() {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = [
    [t('settings.appearance.sampleNumber'), format.number(1_234_567.8, 1)],
    [t('settings.appearance.sampleSize'), format.bytes(3_758_096_384)],
    [t('settings.appearance.sampleDate'), format.dateTime(moment)],
  ] as const;
  return (
    <dl className={classes.sample}>
      {rows.map(([name, value]) => (
        <div key={name} className={classes.pair}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm" fw={500} className="numbers" m={0}>
            <bdi>{value}</bdi>
          </Text>
        </div>
      ))}
    </dl>
  );
}

import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { restartHours } from '#shared/app-limits.ts';
import type { AppTimedRestart } from '#shared/site-app.ts';
import { useFormat } from '../../ui/format.ts';
import { ZoneSelect } from '../../ui/ZoneSelect.tsx';
import { clockOf, minuteOf } from '../cron/schedule-text.ts';
import { ownZone } from '../settings/time-zones.ts';

const fourOClock = 240;

/** When an application is started anew by the clock; never, unless somebody chooses. */
export function TimedRestart({
  value,
  onChange,
  errorOf,
  isFixed,
}: {
  readonly value: AppTimedRestart | null;
  readonly onChange: (value: AppTimedRestart | null) => void;
  readonly errorOf: (part: string) => string | undefined;
  readonly isFixed: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const timeZone = value?.timeZone ?? ownZone();
  const choice = value === null ? 'never' : value.every === 'day' ? 'day' : String(value.hours);
  return (
    <>
      <NativeSelect
        label={t('apps.form.timedRestart')}
        description={t('apps.form.timedRestartText')}
        value={choice}
        onChange={(event) => {
          const next = event.currentTarget.value;
          const hours = restartHours.find((each) => String(each) === next);
          if (hours !== undefined) onChange({ every: 'hours', hours, timeZone });
          else onChange(next === 'day' ? { every: 'day', minute: fourOClock, timeZone } : null);
        }}
        data={[
          { value: 'never', label: t('apps.form.timed.never') },
          { value: 'day', label: t('apps.form.timed.day') },
          ...restartHours.map((hours) => ({
            value: String(hours),
            label: t('apps.form.timed.hours', { count: hours, value: format.number(hours) }),
          })),
        ]}
        disabled={isFixed}
      />
      {value?.every === 'day' && (
        <TextInput
          type="time"
          label={t('apps.form.timedAt')}
          value={clockOf(value.minute)}
          onChange={(event) => {
            const minute = minuteOf(event.currentTarget.value);
            if (minute !== undefined) onChange({ ...value, minute });
          }}
          error={errorOf('minute')}
          disabled={isFixed}
          dir="ltr"
        />
      )}
      {value !== null && (
        <ZoneSelect
          label={t('apps.form.timedZone')}
          noneText={t('apps.form.timedNoZone')}
          value={timeZone}
          onChange={(zone) => onChange({ ...value, timeZone: zone })}
          error={errorOf('timeZone')}
          isFixed={isFixed}
        />
      )}
    </>
  );
}

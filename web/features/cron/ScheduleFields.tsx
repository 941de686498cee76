import { ActionIcon, Button, Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CronSchedule } from '#shared/cron-work.ts';
import { nextCronRuns, problemOfSchedule } from '#shared/cron-times.ts';
import { fieldText } from '../../ui/error-text.ts';
import { ZoneSelect } from '../../ui/ZoneSelect.tsx';
import { useLook } from '../../ui/LookProvider.tsx';
import { everies, scheduleOf, type CronDraft } from './cron-draft.ts';
import classes from './Cron.module.css';
import { clockOf, minuteOf, weekdayName } from './schedule-text.ts';

type FieldsProps = {
  readonly draft: CronDraft;
  readonly onChange: (change: Partial<CronDraft>) => void;
  readonly errorOf: (field: string) => string | undefined;
};

/** Saturday first, as weeks begin here. */
const weekdays = [6, 0, 1, 2, 3, 4, 5];
const mostTimes = 24;

/** When it runs: a simple choice or a cron expression, and the next five runs as the clock of the zone shows them. */
export function ScheduleFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const { language } = useLook();
  const { every } = draft;
  const number = (value: string | number, least: number): number => (typeof value === 'number' ? value : least);
  return (
    <fieldset className={classes.fields}>
      <legend className={classes.legend}>{t('cron.form.when')}</legend>
      <div className={classes.pair}>
        <NativeSelect
          label={t('cron.form.every')}
          value={every}
          onChange={(event) => {
            const chosen = everies.find((each) => each === event.currentTarget.value);
            if (chosen !== undefined) onChange({ every: chosen });
          }}
          data={everies.map((value) => ({ value, label: t(`cron.every.${value}`) }))}
        />
        <ZoneSelect
          label={t('cron.form.timeZone')}
          noneText={t('cron.form.noZone')}
          value={draft.timeZone}
          onChange={(timeZone) => onChange({ timeZone })}
        />
      </div>
      {every === 'minutes' && (
        <NumberInput
          label={t('cron.form.minutes')}
          value={draft.minutes}
          onChange={(value) => onChange({ minutes: number(value, 1) })}
          min={1}
          max={1_440}
          maw={200}
        />
      )}
      {every === 'hour' && (
        <NumberInput
          label={t('cron.form.minute')}
          value={draft.minute}
          onChange={(value) => onChange({ minute: number(value, 0) })}
          min={0}
          max={59}
          maw={200}
        />
      )}
      {every === 'week' && (
        <Checkbox.Group
          label={t('cron.form.weekdays')}
          value={draft.weekdays.map(String)}
          onChange={(values) => onChange({ weekdays: values.map(Number) })}
          error={draft.weekdays.length === 0 ? fieldText(t, 'required') : undefined}
        >
          <div className={classes.days}>
            {weekdays.map((day) => (
              <Checkbox key={day} value={String(day)} label={weekdayName(day, language)} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {every === 'month' && (
        <TextInput
          label={t('cron.form.days')}
          description={t('cron.form.daysHint')}
          value={draft.days}
          onChange={(event) => onChange({ days: event.currentTarget.value })}
          error={errorOf('schedule.days')}
          dir="ltr"
          maw={320}
          maxLength={120}
        />
      )}
      {(every === 'day' || every === 'week' || every === 'month') && (
        <Times times={draft.times} onChange={(times) => onChange({ times })} />
      )}
      {every === 'cron' && (
        <TextInput
          label={t('cron.form.expression')}
          description={t('cron.form.expressionHint')}
          value={draft.expression}
          onChange={(event) => onChange({ expression: event.currentTarget.value })}
          error={errorOf('schedule.expression')}
          dir="ltr"
          maw={320}
          maxLength={200}
          spellCheck={false}
          autoComplete="off"
        />
      )}
      {every === 'once' && (
        <TextInput
          type="datetime-local"
          label={t('cron.form.at')}
          value={draft.at}
          onChange={(event) => onChange({ at: event.currentTarget.value })}
          error={errorOf('schedule.at')}
          dir="ltr"
          maw={260}
        />
      )}
      <NextRuns draft={draft} />
    </fieldset>
  );
}

type TimesProps = { readonly times: readonly number[]; readonly onChange: (times: readonly number[]) => void };

function Times({ times, onChange }: TimesProps) {
  const { t } = useTranslation();
  return (
    <div>
      <div className={classes.label}>{t('cron.form.times')}</div>
      <div className={classes.times}>
        {times.map((time, index) => (
          <span key={index} className={classes.time}>
            <TextInput
              type="time"
              aria-label={t('cron.form.time', { number: index + 1 })}
              value={clockOf(time)}
              onChange={(event) => {
                const minute = minuteOf(event.currentTarget.value);
                if (minute !== undefined) onChange(times.with(index, minute));
              }}
              dir="ltr"
            />
            {times.length > 1 && (
              <ActionIcon
                variant="subtle"
                aria-label={t('cron.form.removeTime', { time: clockOf(time) })}
                onClick={() => onChange(times.toSpliced(index, 1))}
              >
                <IconX size={16} />
              </ActionIcon>
            )}
          </span>
        ))}
        {times.length < mostTimes && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => onChange([...times, ((times.at(-1) ?? 0) + 60) % 1_440])}
          >
            {t('cron.form.addTime')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Computed here with the very code that the agent runs by. */
function NextRuns({ draft }: { readonly draft: CronDraft }) {
  const { t } = useTranslation();
  const { look, language } = useLook();
  const { timeZone } = draft;
  // By what it says, not by which object says it: a draft is another one with every letter typed.
  const text = JSON.stringify(scheduleOf(draft) ?? null);
  const runs = useMemo(() => nextRunsOf(text), [text]);
  const locale = language === 'ar' ? `ar-u-nu-${look.digits}` : 'en-GB-u-nu-latn';
  const format = new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
    timeZoneName: 'shortOffset',
  });
  return (
    <div role="status" className={classes.next}>
      <div className={classes.label}>{t(runs.length === 0 ? 'cron.form.nextNone' : 'cron.form.next')}</div>
      {runs.length > 0 && (
        <ol>
          {runs.map((at) => (
            <li key={at}>
              <time dateTime={new Date(at).toISOString()}>{format.format(at)}</time>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function nextRunsOf(text: string): number[] {
  const schedule = JSON.parse(text) as CronSchedule | null;
  const now = Date.now();
  if (schedule === null || problemOfSchedule(schedule, now) !== undefined) return [];
  return nextCronRuns(schedule, now, 5);
}

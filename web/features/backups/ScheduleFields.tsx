import { NumberInput, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { ZoneSelect } from '../../ui/ZoneSelect.tsx';
import { Choice } from './Choice.tsx';
import classes from './Forms.module.css';
import { longestGapMinutes, nextRuns } from './next-runs.ts';
import { clockOf, minuteOf, type PlanDraft } from './plan-draft.ts';

const choices = ['hourly', 'six_hours', 'twelve_hours', 'daily', 'weekly', 'monthly', 'cron', 'none'] as const;
const inHour: readonly PlanDraft['every'][] = ['hourly', 'six_hours', 'twelve_hours'];
/** Phase P4.2-10: no more than this may be lost. */
const goalMinutes = 60;

type ScheduleFieldsProps = {
  readonly draft: PlanDraft;
  readonly onChange: (change: Partial<PlanDraft>) => void;
  readonly error: string | undefined;
};

/** When it runs, in plain choices; the next runs and what could be lost are said before it is saved. */
export function ScheduleFields({ draft, onChange, error }: ScheduleFieldsProps) {
  const { t } = useTranslation();
  const { every, atMinute } = draft;
  return (
    <div>
      <Choice
        label={t('backups.plan.schedule')}
        value={every}
        options={choices.map((value) => ({ value, label: t(`backups.plan.everies.${value}`) }))}
        onChange={(value) => onChange({ every: value })}
      />
      {every !== 'none' && (
        <div className={`${classes.pair} ${classes.below}`}>
          {every === 'cron' ? (
            <TextInput
              className={classes.mono ?? ''}
              label={t('backups.plan.cron')}
              description={t('backups.plan.cronHint')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              placeholder="0 3 * * *"
              value={draft.cron}
              onChange={(event) => onChange({ cron: event.currentTarget.value })}
              error={error}
              dir="ltr"
              maxLength={100}
              autoComplete="off"
              spellCheck={false}
            />
          ) : inHour.includes(every) ? (
            <NumberInput
              label={t('backups.plan.atMinute')}
              value={atMinute % 60}
              onChange={(value) => onChange({ atMinute: Math.min(59, Math.max(0, Math.floor(Number(value) || 0))) })}
              min={0}
              max={59}
              allowDecimal={false}
            />
          ) : (
            <ClockInput value={atMinute} onChange={(minute) => onChange({ atMinute: minute })} />
          )}
          <ZoneSelect
            label={t('backups.plan.timeZone')}
            noneText={t('backups.plan.nothingFound')}
            value={draft.timeZone}
            onChange={(timeZone) => onChange({ timeZone })}
          />
        </div>
      )}
      <Effect draft={draft} />
    </div>
  );
}

function ClockInput({ value, onChange }: { readonly value: number; readonly onChange: (minute: number) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => clockOf(value));
  return (
    <TextInput
      type="time"
      label={t('backups.plan.at')}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        const minute = minuteOf(event.currentTarget.value);
        if (minute !== null) onChange(minute);
      }}
      dir="ltr"
    />
  );
}

/** The next runs, and honestly whether what could be lost is little enough. */
function Effect({ draft }: { readonly draft: PlanDraft }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { every, atMinute, cron, timeZone } = draft;
  const [runs, gap] = useMemo(() => {
    if (every === 'none') return [[], null] as const;
    const schedule = { every, atMinute, cron: cron.trim(), timeZone };
    return [nextRuns(schedule, 5), longestGapMinutes(schedule)] as const;
  }, [every, atMinute, cron, timeZone]);
  if (every === 'none') {
    return (
      <Notice tone="warn" className={classes.below}>
        {t('backups.plan.rpoByHand')}
      </Notice>
    );
  }
  const isMet = gap !== null && gap <= goalMinutes;
  return (
    <div className={classes.below} role="status">
      <div className={classes.label}>{t(runs.length === 0 ? 'backups.plan.nextNone' : 'backups.plan.next')}</div>
      {runs.length > 0 && (
        <ol className={classes.next}>
          {runs.map((at) => (
            <li key={at}>
              <time dateTime={new Date(at).toISOString()}>{format.dateTime(new Date(at).toISOString())}</time>
            </li>
          ))}
        </ol>
      )}
      {gap !== null && (
        <Notice tone={isMet ? 'good' : 'warn'} className={classes.below}>
          {t(isMet ? 'backups.plan.rpoMeets' : 'backups.plan.rpoMisses', { time: format.duration(gap * 60_000) })}
        </Notice>
      )}
    </div>
  );
}

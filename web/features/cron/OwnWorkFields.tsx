import { NativeSelect, NumberInput, Select, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { backupsQuery } from '../backups/backups.queries.ts';
import { servicesQuery } from '../services/services.queries.ts';
import type { CronDraft } from './cron-draft.ts';
import classes from './Cron.module.css';

type FieldsProps = {
  readonly draft: CronDraft;
  readonly onChange: (change: Partial<CronDraft>) => void;
  readonly errorOf: (field: string) => string | undefined;
};

/** Which plan is run. */
export function BackupFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const { data } = useQuery(backupsQuery);
  const plans = (data?.plans ?? []).map(({ id, plan }) => ({ value: id, label: plan.name }));
  return (
    <Select
      label={t('cron.form.plan')}
      description={t(data !== undefined && plans.length === 0 ? 'cron.form.noPlans' : 'cron.form.planHint')}
      value={draft.planId === '' ? null : draft.planId}
      data={plans}
      onChange={(planId) => planId !== null && onChange({ planId })}
      error={errorOf('work.planId')}
      searchable
    />
  );
}

/** Those of sites, or of the machine. */
export function LogsChoice({ draft, onChange }: Pick<FieldsProps, 'draft' | 'onChange'>) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={t('cron.form.logsOf')}
      value={draft.of}
      onChange={(event) => onChange({ of: event.currentTarget.value === 'journal' ? 'journal' : 'sites' })}
      data={[
        { value: 'sites', label: t('cron.form.logsOfSites') },
        { value: 'journal', label: t('cron.form.logsOfJournal') },
      ]}
      maw={280}
    />
  );
}

/** What goes by age and size. */
export function LogsFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <div className={classes.pair}>
        <NumberInput
          label={t('cron.form.maxAge')}
          description={t('cron.form.maxAgeHint')}
          value={draft.maxAgeDays}
          onChange={(value) => onChange({ maxAgeDays: String(value) })}
          error={errorOf('work.maxAgeDays')}
          min={1}
          max={3_650}
          allowDecimal={false}
        />
        <NumberInput
          label={t('cron.form.maxSize')}
          description={t('cron.form.maxSizeHint')}
          value={draft.maxMib}
          onChange={(value) => onChange({ maxMib: String(value) })}
          error={errorOf('work.maxMib')}
          min={1}
          max={1_048_576}
          allowDecimal={false}
        />
      </div>
      <Switch
        label={t('cron.form.rotates')}
        description={t('cron.form.rotatesHint')}
        checked={draft.rotates}
        onChange={(event) => onChange({ rotates: event.currentTarget.checked })}
      />
      <div className={classes.soft}>{t('cron.form.logsHint')}</div>
    </>
  );
}

/** Which service, and whether it starts anew or reads its configuration again. */
export function ServiceFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const { data } = useQuery(servicesQuery);
  const units = (data?.items ?? [])
    .filter(({ guard, boot }) => (guard === 'none' || guard === 'essential') && boot !== 'masked')
    .map(({ unit, description }) => ({ value: unit, label: unit, description }));
  return (
    <div className={classes.pair}>
      <Select
        label={t('cron.form.unit')}
        description={t('cron.form.unitHint')}
        value={draft.unit === '' ? null : draft.unit}
        data={units}
        onChange={(unit) => unit !== null && onChange({ unit })}
        error={errorOf('work.unit')}
        limit={100}
        searchable
        dir="ltr"
      />
      <NativeSelect
        label={t('cron.form.verb')}
        value={draft.verb}
        onChange={(event) => onChange({ verb: event.currentTarget.value === 'reload' ? 'reload' : 'restart' })}
        data={(['restart', 'reload'] as const).map((value) => ({ value, label: t(`cron.form.verbs.${value}`) }))}
      />
    </div>
  );
}

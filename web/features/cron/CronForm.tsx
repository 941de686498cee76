import { Button, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { CronJob } from '#shared/cron.ts';
import { problemOfSchedule } from '#shared/cron-times.ts';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { ownZone } from '../settings/time-zones.ts';
import { draftOfJob, factsOf, newCronDraft, scheduleOf, type CronDraft } from './cron-draft.ts';
import { usePutCronJob, type CronList } from './cron.queries.ts';
import classes from './Cron.module.css';
import { ScheduleFields } from './ScheduleFields.tsx';
import { WorkFields } from './WorkFields.tsx';

const formId = 'cron-form';
const notifies = ['never', 'failure', 'always'] as const;

type CronFormProps = {
  readonly list: CronList;
  /** Changed, or with `isCopy` what a new one begins with. */
  readonly job?: CronJob;
  readonly isCopy?: boolean;
  readonly onClose: () => void;
};

/** A job: what, for which site, when, and what happens when it goes wrong. */
export function CronForm({ list, job, isCopy = false, onClose }: CronFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const isNew = job === undefined || isCopy;
  const save = usePutCronJob(isNew ? undefined : job.id);
  const [isTried, setIsTried] = useState(false);
  const [openedAt] = useState(() => Date.now());
  const [draft, setDraft] = useState<CronDraft>(() => {
    if (job === undefined) return newCronDraft(ownZone(), null, list.users[0] ?? '');
    const known = draftOfJob(job);
    return isCopy ? { ...known, name: t('cron.copyOf', { name: known.name }).slice(0, 80) } : known;
  });
  const edit = (change: Partial<CronDraft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    if (save.isError) save.reset();
  };
  const schedule = scheduleOf(draft);
  const own: Record<string, string> = {};
  const need = (field: string, isThere: boolean): void => {
    if (!isThere) own[field] = fieldText(t, 'required');
  };
  need('name', draft.name.trim() !== '');
  switch (draft.kind) {
    case 'script':
      need('work.script', draft.script.trim() !== '');
      if (draft.linuxUser === '') need('siteId', draft.site !== null);
      break;
    case 'url':
      need('work.url', draft.url.trim() !== '');
      break;
    case 'backup':
      need('work.planId', draft.planId !== '');
      break;
    case 'logs':
      need('work.maxAgeDays', draft.rotates || draft.maxAgeDays.trim() !== '' || draft.maxMib.trim() !== '');
      break;
    case 'service':
      need('work.unit', draft.unit !== '');
      break;
  }
  if (schedule === undefined) {
    own['schedule.days'] = own['schedule.expression'] = own['schedule.at'] = fieldText(t, 'required');
  } else {
    const problem = problemOfSchedule(schedule, openedAt);
    const isOver = problem?.code === 'cron_past' && !isNew;
    if (problem !== undefined && !isOver) own[`schedule.${problem.field}`] = fieldText(t, problem.code);
  }
  const said = save.isError ? fieldErrors(save.error) : {};
  const errorOf = (field: string): string | undefined => (isTried ? own[field] : undefined) ?? said[field];
  const isOther = save.isError && toApiError(save.error).fields.length === 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (save.isPending || schedule === undefined || Object.keys(own).length > 0) return;
    finish(save, factsOf(draft, schedule), {
      onSuccess: ({ name }) => {
        sayDone(t(isNew ? 'cron.created' : 'cron.saved', { name }));
        onClose();
      },
    });
  };
  const number = (value: string | number, least: number): number => (typeof value === 'number' ? value : least);
  return (
    <SideSheet
      title={t(isNew ? 'cron.form.newTitle' : 'cron.form.editTitle')}
      onClose={save.isPending ? () => undefined : onClose}
      size={680}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t(isNew ? 'cron.form.create' : 'common.actions.save')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off" className={classes.form}>
        {isOther && (
          <Notice tone="bad" role="alert" title={t('cron.form.failed')}>
            {errorText(save.error)}
          </Notice>
        )}
        <TextInput
          label={t('cron.form.name')}
          value={draft.name}
          onChange={(event) => edit({ name: event.currentTarget.value })}
          error={errorOf('name')}
          dir="auto"
          maxLength={80}
          data-autofocus
        />
        <WorkFields draft={draft} onChange={edit} errorOf={errorOf} list={list} />
        <ScheduleFields draft={draft} onChange={edit} errorOf={errorOf} />
        <fieldset className={classes.fields}>
          <legend className={classes.legend}>{t('cron.form.options')}</legend>
          <div className={classes.pair}>
            <NumberInput
              label={t('cron.form.timeout')}
              description={t('cron.form.timeoutHint')}
              value={draft.timeoutMinutes}
              onChange={(value) => edit({ timeoutMinutes: number(value, 1) })}
              min={1}
              max={1_440}
            />
            <NumberInput
              label={t('cron.form.keepRuns')}
              description={t('cron.form.keepRunsHint')}
              value={draft.keepRuns}
              onChange={(value) => edit({ keepRuns: number(value, 1) })}
              min={1}
              max={200}
            />
            <NumberInput
              label={t('cron.form.retries')}
              description={t('cron.form.retriesHint')}
              value={draft.retries}
              onChange={(value) => edit({ retries: number(value, 0) })}
              min={0}
              max={5}
            />
            <NumberInput
              label={t('cron.form.retryPause')}
              description={t('cron.form.retryPauseHint')}
              value={draft.retryPauseSeconds}
              onChange={(value) => edit({ retryPauseSeconds: number(value, 1) })}
              min={1}
              max={3_600}
              disabled={draft.retries === 0}
            />
          </div>
          <NativeSelect
            label={t('cron.form.notify')}
            description={t('cron.form.notifyHint')}
            value={draft.notify}
            onChange={(event) => {
              const chosen = notifies.find((each) => each === event.currentTarget.value);
              if (chosen !== undefined) edit({ notify: chosen });
            }}
            data={notifies.map((value) => ({ value, label: t(`cron.notify.${value}`) }))}
            maw={280}
          />
          <Switch
            label={t('cron.form.mayOverlap')}
            description={t('cron.form.mayOverlapHint')}
            checked={draft.mayOverlap}
            onChange={(event) => edit({ mayOverlap: event.currentTarget.checked })}
          />
          <Switch
            label={t('cron.form.catchesUp')}
            description={t('cron.form.catchesUpHint')}
            checked={draft.catchesUp}
            onChange={(event) => edit({ catchesUp: event.currentTarget.checked })}
          />
        </fieldset>
      </form>
    </SideSheet>
  );
}

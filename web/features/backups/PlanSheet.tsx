import { Button, Checkbox, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupState } from '#shared/backups.ts';
import { toApiError } from '../../api/errors.ts';
import { newId } from '../../api/new-id.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { ownZone } from '../settings/time-zones.ts';
import { placeLine } from './backup-names.ts';
import { sourcesQuery, usePutPlan } from './backups.queries.ts';
import { Choice } from './Choice.tsx';
import classes from './Forms.module.css';
import { draftOfPlan, isFullPath, linesOf, newPlanDraft, planOf, scheduleOf, type PlanDraft } from './plan-draft.ts';
import { nextRuns } from './next-runs.ts';
import { RetentionFields } from './RetentionFields.tsx';
import { ScheduleFields } from './ScheduleFields.tsx';
import { SourcesFields } from './SourcesFields.tsx';

const formId = 'plan-form';
const proofs = ['weekly', 'monthly', 'never'] as const;

type PlanSheetProps = {
  /** Of a plan, or `new`. */
  readonly planId: string;
  readonly state: BackupState;
  readonly onClose: () => void;
};

/** What is saved, where, when, for how long, and when restoring it is tested. */
export function PlanSheet({ planId, state, onClose }: PlanSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const known = state.plans.find(({ id }) => id === planId);
  const [id] = useState(() => known?.id ?? newId());
  const save = usePutPlan(id);
  const sources = useQuery(sourcesQuery);
  const [isTried, setIsTried] = useState(false);
  const [draft, setDraft] = useState<PlanDraft>(() =>
    known === undefined
      ? newPlanDraft(
          t('backups.plan.nameExample'),
          state.targets.map((target) => target.id),
          ownZone(),
        )
      : draftOfPlan(known, ownZone()),
  );
  const edit = (change: Partial<PlanDraft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    if (save.isError) save.reset();
  };
  const here = (['mariadb', 'postgresql'] as const).filter((engine) => sources.data?.engines[engine] === true);
  const plan = planOf(draft, here);
  const schedule = scheduleOf(draft);
  const badPath = linesOf(draft.paths).find((path) => !isFullPath(path));
  const missing = {
    name: plan.name === '',
    sources: plan.sources.length === 0,
    paths: badPath !== undefined,
    targets: plan.targetIds.length === 0,
    schedule: schedule !== null && nextRuns(schedule, 1).length === 0,
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (save.isPending || Object.values(missing).includes(true)) return;
    save.mutate(plan, {
      onSuccess: () => {
        sayDone(t('backups.plan.created', { name: plan.name }));
        onClose();
      },
    });
  };
  const errors = save.isError ? fieldErrors(save.error) : {};
  const isOther = save.isError && toApiError(save.error).fields.length === 0;
  return (
    <SideSheet
      title={t(known === undefined ? 'backups.plan.newTitle' : 'backups.plan.editTitle')}
      onClose={save.isPending ? () => undefined : onClose}
      size={680}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t('backups.plan.create')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate>
        <div className={classes.form}>
          {isOther && (
            <Notice tone="bad" role="alert" title={t('backups.plan.failed')}>
              {errorText(save.error)}
            </Notice>
          )}
          <TextInput
            label={t('backups.plan.name')}
            value={draft.name}
            onChange={(event) => edit({ name: event.currentTarget.value })}
            error={isTried && missing.name ? fieldText(t, 'required') : errors['name']}
            dir="auto"
            maxLength={100}
            autoComplete="off"
            data-autofocus
          />
          <SourcesFields
            draft={draft}
            onChange={edit}
            sources={sources.data}
            errors={{
              sources: isTried && missing.sources ? t('backups.plan.noSources') : errors['sources'],
              paths: isTried && badPath !== undefined ? t('backups.plan.pathInvalid', { path: badPath }) : undefined,
            }}
          />
          <Checkbox.Group
            label={t('backups.plan.targets')}
            classNames={{ label: classes.question ?? '' }}
            value={[...draft.targetIds]}
            onChange={(targetIds) => edit({ targetIds })}
            error={isTried && missing.targets ? t('backups.plan.noTargets') : errors['targetIds']}
          >
            <Stack gap="xs" mt={8}>
              {state.targets.map((target) => (
                <Checkbox
                  key={target.id}
                  value={target.id}
                  label={<bdi>{target.name}</bdi>}
                  description={<bdi dir="ltr">{placeLine(target.place)}</bdi>}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          <ScheduleFields
            draft={draft}
            onChange={edit}
            error={isTried && missing.schedule ? t('backups.plan.cronInvalid') : undefined}
          />
          <RetentionFields
            retention={draft.retention}
            onChange={(retention) => edit({ retention })}
            known={known}
            targets={state.targets}
          />
          <div>
            <Choice
              label={t('backups.plan.proof')}
              text={t('backups.plan.proofText')}
              value={draft.proof}
              options={proofs.map((value) => ({ value, label: t(`backups.plan.proofs.${value}`) }))}
              onChange={(proof) => edit({ proof })}
            />
            {draft.proof === 'never' && (
              <Notice tone="warn" className={classes.below}>
                {t('backups.plan.proofNever')}
              </Notice>
            )}
          </div>
          <Textarea
            className={classes.lines ?? ''}
            label={t('backups.plan.excludes')}
            description={t('backups.plan.excludesHint')}
            placeholder={'*.log\nnode_modules'}
            value={draft.excludes}
            onChange={(event) => edit({ excludes: event.currentTarget.value })}
            error={errors['excludes']}
            dir="ltr"
            maxRows={8}
            spellCheck={false}
          />
          <Switch
            checked={draft.isPaused}
            onChange={(event) => edit({ isPaused: event.currentTarget.checked })}
            label={t('backups.plan.isPaused')}
            description={t('backups.plan.isPausedText')}
          />
        </div>
      </form>
    </SideSheet>
  );
}

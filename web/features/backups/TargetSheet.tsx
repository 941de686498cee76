import { Button } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupState } from '#shared/backups.ts';
import { toApiError } from '../../api/errors.ts';
import { newId } from '../../api/new-id.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { usePutTarget } from './backups.queries.ts';
import { Cards } from './Cards.tsx';
import classes from './Forms.module.css';
import { LimitFields, PlaceFields } from './PlaceFields.tsx';
import { TargetCheck } from './TargetCheck.tsx';
import {
  draftOfTarget,
  fieldOfError,
  missingFields,
  newTargetDraft,
  targetBody,
  targetKinds,
  type TargetDraft,
  type TargetField,
} from './target-draft.ts';
import { targetIcons } from './TargetItem.tsx';

const formId = 'target-form';

type TargetSheetProps = {
  /** Of a target, or `new`. */
  readonly targetId: string;
  readonly state: BackupState;
  readonly onClose: () => void;
};

/** Where backups are kept; saved, then tried at once. */
export function TargetSheet({ targetId, state, onClose }: TargetSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const [known] = useState(() => state.targets.find(({ id }) => id === targetId));
  const [id] = useState(() => known?.id ?? newId());
  const save = usePutTarget(id);
  const [isTried, setIsTried] = useState(false);
  const [draft, setDraft] = useState<TargetDraft>(() =>
    known === undefined ? newTargetDraft() : draftOfTarget(known),
  );
  const edit = (change: Partial<TargetDraft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    if (save.isError) save.reset();
  };
  const missing = missingFields(draft, known?.hasSecret ?? false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (save.isPending || missing.length > 0) return;
    save.mutate(targetBody(draft, known === undefined));
  };
  const refused: Partial<Record<TargetField, string>> = {};
  for (const [name, text] of Object.entries(save.isError ? fieldErrors(save.error) : {})) {
    const field = fieldOfError(draft.kind, name);
    if (field !== null) refused[field] = text;
  }
  const errorOf = (field: TargetField): string | undefined => {
    if (!isTried || !missing.includes(field)) return refused[field];
    return t(String(draft[field]).trim() === '' ? 'backups.target.required' : 'backups.set.pathError');
  };
  const isOther = save.isError && (toApiError(save.error).fields.length === 0 || Object.keys(refused).length === 0);

  if (save.isSuccess) {
    return (
      <SideSheet
        title={t('backups.target.saved')}
        onClose={onClose}
        footer={
          <Button variant="default" onClick={onClose}>
            {t('common.actions.close')}
          </Button>
        }
      >
        <TargetCheck targetId={id} place={targetBody(draft, false).place} onEdit={save.reset} />
      </SideSheet>
    );
  }
  return (
    <SideSheet
      title={t(known === undefined ? 'backups.target.newTitle' : 'backups.target.editTitle')}
      onClose={save.isPending ? () => undefined : onClose}
      size={620}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t('backups.target.submit')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off">
        <div className={classes.form}>
          {isOther && (
            <Notice tone="bad" role="alert" title={t('backups.target.failed')}>
              {errorText(save.error)}
            </Notice>
          )}
          {known === undefined ? (
            <Cards
              label={t('backups.target.kind')}
              value={draft.kind}
              options={targetKinds.map((value) => ({
                value,
                label: t(`backups.targets.kinds.${value}`),
                text: t(`backups.target.kindTexts.${value}`),
                icon: targetIcons[value],
              }))}
              onChange={(kind) => edit({ kind })}
            />
          ) : (
            <Notice tone="info">
              {t(`backups.targets.kinds.${draft.kind}`)}. {t('backups.target.kindFixed')}
            </Notice>
          )}
          <PlaceFields draft={draft} onChange={edit} errorOf={errorOf} hasSecret={known?.hasSecret ?? false} />
          <LimitFields draft={draft} onChange={edit} errorOf={errorOf} />
        </div>
      </form>
    </SideSheet>
  );
}

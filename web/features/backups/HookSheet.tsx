import { Button, Checkbox, SegmentedControl, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { alertEvents, type AlertEvent } from '#shared/backup-alerts.ts';
import type { BackupState } from '#shared/backups.ts';
import { toApiError } from '../../api/errors.ts';
import { newId } from '../../api/new-id.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { usePutHook } from './backups.queries.ts';
import classes from './Forms.module.css';
import {
  draftOfHook,
  hookBodyOf,
  hookFieldOf,
  missingInHook,
  newHookDraft,
  type HookDraft,
  type HookField,
} from './hook-draft.ts';

const formId = 'hook-form';

type HookSheetProps = {
  /** Of a hook, or `new`. */
  readonly hookId: string;
  readonly state: BackupState;
  readonly onClose: () => void;
};

/** An address that is told. What is secret in it is typed, and never shown again. */
export function HookSheet({ hookId, state, onClose }: HookSheetProps) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const [known] = useState(() => state.hooks.find(({ id }) => id === hookId));
  const [id] = useState(() => known?.id ?? newId());
  const save = usePutHook(id);
  const isNew = known === undefined;
  const [isTried, setIsTried] = useState(false);
  const [draft, setDraft] = useState<HookDraft>(() => (isNew ? newHookDraft(i18n.language) : draftOfHook(known)));
  const edit = (change: Partial<HookDraft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    if (save.isError) save.reset();
  };
  const missing = missingInHook(draft, isNew);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (save.isPending || missing.length > 0) return;
    save.mutate(hookBodyOf(draft, isNew), {
      onSuccess: () => {
        sayDone(t('backups.alerts.saved', { name: draft.name.trim() }));
        onClose();
      },
    });
  };
  const refused: Partial<Record<HookField, string>> = {};
  for (const [name, text] of Object.entries(save.isError ? fieldErrors(save.error) : {})) {
    const field = hookFieldOf(name);
    if (field !== null) refused[field] = text;
  }
  const errorOf = (field: HookField): string | undefined =>
    isTried && missing.includes(field)
      ? t(field === 'events' ? 'backups.alerts.noEvents' : 'backups.alerts.required')
      : refused[field];
  const isOther = save.isError && (toApiError(save.error).fields.length === 0 || Object.keys(refused).length === 0);
  const hasSecret = known?.hasSecret === true;

  return (
    <SideSheet
      title={t(isNew ? 'backups.alerts.newTitle' : 'backups.alerts.editTitle')}
      onClose={save.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t('backups.alerts.submit')}
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
            <Notice tone="bad" role="alert" title={t('backups.alerts.failed')}>
              {errorText(save.error)}
            </Notice>
          )}
          <div className={classes.fields}>
            <TextInput
              label={t('backups.alerts.name')}
              placeholder={t('backups.alerts.nameExample')}
              value={draft.name}
              onChange={(event) => edit({ name: event.currentTarget.value })}
              error={errorOf('name')}
              dir="auto"
              maxLength={100}
              autoComplete="off"
              data-autofocus
            />
            <TextInput
              className={classes.mono ?? ''}
              label={t('backups.alerts.url')}
              description={isNew ? t('backups.alerts.urlHint') : t('backups.alerts.urlKept', { origin: known.origin })}
              placeholder="https://ntfy.example.com/backups"
              value={draft.url}
              onChange={(event) => edit({ url: event.currentTarget.value })}
              error={errorOf('url')}
              dir="ltr"
              type="url"
              maxLength={2048}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          </div>
          <Events chosen={draft.events} onChange={(events) => edit({ events })} error={errorOf('events')} />
          <div className={classes.fields}>
            <div>
              <div className={classes.question} id="hook-language">
                {t('backups.alerts.language')}
              </div>
              <SegmentedControl
                // What marks the choice is measured once: in another direction it would stand beside it.
                key={i18n.language}
                mt={10}
                aria-labelledby="hook-language"
                value={draft.language}
                onChange={(value) => edit({ language: value === 'en' ? 'en' : 'ar' })}
                data={[
                  { value: 'ar', label: 'العربية' },
                  { value: 'en', label: 'English' },
                ]}
              />
            </div>
            <PasswordField
              label={`${t('backups.alerts.secret')} (${t('backups.alerts.optional')})`}
              description={t(hasSecret ? 'backups.alerts.secretKept' : 'backups.alerts.secretHint')}
              value={draft.secret}
              onChange={(event) => edit({ secret: event.currentTarget.value, isSecretRemoved: false })}
              error={errorOf('secret')}
              dir="ltr"
              autoComplete="new-password"
              maxLength={256}
            />
            {hasSecret && (
              <Checkbox
                label={t('backups.alerts.secretRemove')}
                checked={draft.isSecretRemoved}
                onChange={(event) => edit({ isSecretRemoved: event.currentTarget.checked, secret: '' })}
              />
            )}
            <Switch
              label={t('backups.alerts.enabled')}
              checked={draft.isEnabled}
              onChange={(event) => edit({ isEnabled: event.currentTarget.checked })}
            />
          </div>
        </div>
      </form>
    </SideSheet>
  );
}

type EventsProps = {
  readonly chosen: readonly AlertEvent[];
  readonly onChange: (events: AlertEvent[]) => void;
  readonly error: string | undefined;
};

function Events({ chosen, onChange, error }: EventsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className={classes.choice}>
      <legend className={classes.question}>{t('backups.alerts.what')}</legend>
      <Stack gap="sm" mt={10}>
        {alertEvents.map((event) => (
          <Checkbox
            key={event}
            label={t(`backups.alerts.events.${event}`)}
            description={t(`backups.alerts.eventTexts.${event}`)}
            checked={chosen.includes(event)}
            onChange={({ currentTarget: { checked } }) =>
              onChange(alertEvents.filter((each) => (each === event ? checked : chosen.includes(each))))
            }
          />
        ))}
      </Stack>
      {error !== undefined && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

import { Button, Select, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useCreateBan } from './bans.queries.ts';

const formId = 'ban-form';
const minutes = { hour: 60, day: 1_440, week: 10_080, month: 43_200, forever: null } as const;
type Time = keyof typeof minutes;
const times = Object.keys(minutes) as readonly Time[];

/** Shutting an address or a network out by hand. */
export function NewBan({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const create = useCreateBan();
  const [draft, setDraft] = useState<{ readonly value: string; readonly time: Time; readonly note: string }>({
    value: '',
    time: 'day',
    note: '',
  });
  const [isMissing, setIsMissing] = useState(false);
  const edit = (change: Partial<typeof draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    setIsMissing(false);
    if (create.isError) create.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const value = draft.value.trim();
    if (create.isPending) return;
    if (value === '') return setIsMissing(true);
    create.mutate(
      { value, note: draft.note, minutes: minutes[draft.time] },
      {
        onSuccess: (ban) => {
          sayDone(t('bans.new.done', { value: ban.value }));
          onClose();
        },
      },
    );
  };
  const errors = create.isError ? fieldErrors(create.error) : {};
  const isOther = create.isError && toApiError(create.error).fields.length === 0;
  return (
    <SideSheet
      title={t('bans.new.title')}
      onClose={create.isPending ? () => undefined : onClose}
      size={480}
      footer={
        <>
          <Button type="submit" form={formId} color="red" loading={create.isPending}>
            {t('bans.new.submit')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={create.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate>
        <Stack gap="lg">
          {isOther && (
            <Notice tone="bad" role="alert" title={t('bans.new.failed')}>
              {errorText(create.error)}
            </Notice>
          )}
          <TextInput
            label={t('bans.value')}
            description={t('bans.new.valueHint')}
            value={draft.value}
            onChange={(event) => edit({ value: event.currentTarget.value })}
            error={isMissing ? fieldText(t, 'required') : errors['value']}
            dir="ltr"
            maxLength={49}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          <Select
            label={t('bans.new.time')}
            value={draft.time}
            data={times.map((value) => ({ value, label: t(`bans.new.times.${value}`) }))}
            onChange={(value) => edit({ time: times.find((each) => each === value) ?? 'day' })}
          />
          <TextInput
            label={t('bans.new.note')}
            description={t('bans.new.noteHint')}
            value={draft.note}
            onChange={(event) => edit({ note: event.currentTarget.value })}
            error={errors['note']}
            dir="auto"
            maxLength={200}
          />
          <Notice tone="info">{t('bans.new.effect')}</Notice>
        </Stack>
      </form>
    </SideSheet>
  );
}

import { Button, Group, Stack, Text } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { fieldText } from '../../ui/error-sentences.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { NewPasswordInput } from '../../ui/NewPasswordInput.tsx';
import { judgePassword } from '../../ui/password-strength.ts';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useChangePassword } from './account.queries.ts';

type Errors = { readonly current?: string; readonly next?: string };

type ChangePasswordFormProps = {
  readonly userName: string;
  /** null: there is none yet, so none to type. */
  readonly changedAt: string | null;
};

/** The own password; the panel ends all other sessions of the person. */
export function ChangePasswordForm({ userName, changedAt }: ChangePasswordFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const change = useChangePassword();
  const [values, setValues] = useState({ current: '', next: '' });
  const [own, setOwn] = useState<Errors>({});
  const form = useRef<HTMLFormElement>(null);

  const edit = (part: Partial<typeof values>): void => {
    setValues((before) => ({ ...before, ...part }));
    setOwn({});
    if (!change.isIdle && !change.isPending) change.reset();
  };
  const focus = (name: string): void => form.current?.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (change.isPending) return;
    const { missing, isTooLong } = judgePassword(values.next);
    const code = isTooLong ? 'password_too_long' : 'password_too_short';
    const found: Errors = {
      ...(changedAt !== null && values.current === '' ? { current: t('account.own.password.currentMissing') } : {}),
      ...(values.next === '' ? { next: t('accounts.password.missing') } : {}),
      ...(values.next !== '' && (missing > 0 || isTooLong) ? { next: fieldText(t, code) } : {}),
    };
    setOwn(found);
    if (found.current !== undefined) return focus('current-password');
    if (found.next !== undefined) return focus('new-password');
    change.mutate(values, {
      onSuccess: () => setValues({ current: '', next: '' }),
      onError: (error) => focus(toApiError(error).fields[0]?.field === 'next' ? 'new-password' : 'current-password'),
    });
  };

  const errors: Errors = change.isError ? { ...fieldErrors(change.error), ...own } : own;
  const isOther = change.isError && toApiError(change.error).fields.length === 0;
  return (
    <form onSubmit={submit} ref={form} noValidate>
      <Stack gap="md" maw={440}>
        <input type="text" name="username" autoComplete="username" value={userName} readOnly hidden />
        {isOther && (
          <Notice tone="bad" role="alert">
            {errorText(change.error)}
          </Notice>
        )}
        {changedAt !== null && (
          <PasswordField
            label={t('account.own.password.current')}
            value={values.current}
            onChange={(event) => edit({ current: event.currentTarget.value })}
            error={errors.current}
            name="current-password"
            autoComplete="current-password"
          />
        )}
        <NewPasswordInput
          label={t('account.own.password.next')}
          value={values.next}
          onChange={(next) => edit({ next })}
          error={errors.next}
          userName={userName}
        />
        <div role="status">{change.isSuccess && <Notice tone="good">{t('account.own.password.changed')}</Notice>}</div>
        <Group gap="md">
          <Button type="submit" loading={change.isPending}>
            {t('account.own.password.change')}
          </Button>
          {changedAt !== null && (
            <Text size="sm" c="dimmed">
              {t('account.own.password.changedAt', { time: format.ago(changedAt) })}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}

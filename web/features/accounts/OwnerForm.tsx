import { Button, Stack, TextInput } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { fieldText } from '../../ui/error-sentences.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import type { Look } from '../../ui/look.ts';
import { NewPasswordInput } from '../../ui/NewPasswordInput.tsx';
import { judgePassword } from '../../ui/password-strength.ts';
import { Notice } from '../../ui/Notice.tsx';
import { useCreateOwner } from './accounts.queries.ts';
import { clockOf, useWait } from './use-wait.ts';
import { isUserName } from './user-name.ts';

type OwnerFormProps = {
  readonly token: string;
  /** How the page looks now: the new account keeps it. */
  readonly look: Partial<Look>;
  readonly onVoid: () => void;
};

type Errors = { readonly name?: string; readonly displayName?: string; readonly password?: string };

/** The first account, and straight in. */
export function OwnerForm({ token, look, onVoid }: OwnerFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const create = useCreateOwner(look);
  const [values, setValues] = useState({ name: '', displayName: '', password: '' });
  const [own, setOwn] = useState<Errors>({});
  const [failedAt, setFailedAt] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const wait = useWait(create.error, failedAt);

  const change = (part: Partial<typeof values>): void => {
    setValues((before) => ({ ...before, ...part }));
    setOwn({});
    if (create.isError) create.reset();
  };
  const focus = (name: string): void => {
    form.current?.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (create.isPending || wait > 0) return;
    const { missing, isTooLong } = judgePassword(values.password);
    const code = isTooLong ? 'password_too_long' : 'password_too_short';
    const found: Errors = {
      ...(isUserName(values.name) ? {} : { name: fieldText(t, 'user_name_invalid') }),
      ...(values.password === '' ? { password: t('accounts.password.missing') } : {}),
      ...(values.password !== '' && (missing > 0 || isTooLong) ? { password: fieldText(t, code) } : {}),
    };
    setOwn(found);
    if (found.name !== undefined) return focus('username');
    if (found.password !== undefined) return focus('new-password');
    create.mutate(
      { token, ...values },
      {
        onError: (error) => {
          setFailedAt(Date.now());
          const { code: problem, fields } = toApiError(error);
          if (problem === 'not_allowed') return onVoid();
          const [first] = fields;
          focus(first?.field === 'password' ? 'new-password' : 'username');
        },
      },
    );
  };

  const errors: Errors = create.isError ? { ...fieldErrors(create.error), ...own } : own;
  const isOther = create.isError && toApiError(create.error).fields.length === 0;
  const waitText = wait > 0 ? clockOf(wait, (value) => format.number(value)) : '';
  return (
    <form onSubmit={submit} ref={form} noValidate>
      <Stack gap="lg">
        {isOther && (
          <Notice tone="bad" role="alert">
            {wait > 0 ? t('accounts.signIn.limited', { time: waitText }) : errorText(create.error)}
          </Notice>
        )}
        <TextInput
          label={t('accounts.firstRun.name')}
          description={t('accounts.firstRun.nameHint')}
          value={values.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          error={errors.name}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          dir="auto"
          autoFocus
        />
        <TextInput
          label={t('accounts.firstRun.displayName')}
          description={t('accounts.firstRun.displayNameHint')}
          value={values.displayName}
          onChange={(event) => change({ displayName: event.currentTarget.value })}
          error={errors.displayName}
          name="display-name"
          autoComplete="name"
          maxLength={80}
          dir="auto"
        />
        <NewPasswordInput
          label={t('accounts.firstRun.password')}
          value={values.password}
          onChange={(password) => change({ password })}
          error={errors.password}
          userName={values.name}
        />
        <Button type="submit" size="md" fullWidth loading={create.isPending} disabled={wait > 0}>
          {wait > 0 ? t('accounts.signIn.wait', { time: waitText }) : t('accounts.firstRun.submit')}
        </Button>
      </Stack>
    </form>
  );
}

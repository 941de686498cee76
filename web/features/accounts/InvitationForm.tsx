import { Button, Stack } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { fieldText } from '../../ui/error-sentences.ts';
import { useFieldErrors } from '../../ui/error-text.ts';
import { NewPasswordInput } from '../../ui/NewPasswordInput.tsx';
import { judgePassword } from '../../ui/password-strength.ts';
import { useAcceptInvitation, type EntryWish } from './accounts.queries.ts';
import { forgetLinkToken } from './link-token.ts';
import { SignInFailure } from './SignInFailure.tsx';
import { useWait } from './use-wait.ts';

type InvitationFormProps = {
  readonly token: string;
  readonly userName: string;
  readonly wish: EntryWish;
  readonly onVoid: () => void;
};

/** The first password of an account, and in. */
export function InvitationForm({ token, userName, wish, onVoid }: InvitationFormProps) {
  const { t } = useTranslation();
  const fieldErrors = useFieldErrors();
  const accept = useAcceptInvitation(wish);
  const [password, setPassword] = useState('');
  const [own, setOwn] = useState<string | null>(null);
  const [failedAt, setFailedAt] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const wait = useWait(accept.error, failedAt);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (accept.isPending || wait > 0) return;
    const { missing, isTooLong } = judgePassword(password);
    const found =
      password === ''
        ? t('accounts.password.missing')
        : missing > 0 || isTooLong
          ? fieldText(t, isTooLong ? 'password_too_long' : 'password_too_short')
          : null;
    setOwn(found);
    if (found !== null) return form.current?.querySelector<HTMLInputElement>('[name="new-password"]')?.focus();
    accept.mutate(
      { token, password },
      {
        onSuccess: forgetLinkToken,
        onError: (error) => {
          setFailedAt(Date.now());
          if (toApiError(error).reason === 'link_void') onVoid();
        },
      },
    );
  };
  const said = accept.isError ? fieldErrors(accept.error)['password'] : undefined;
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="lg">
        {accept.isError && said === undefined && <SignInFailure error={accept.error} wait={wait} />}
        <input type="text" name="username" autoComplete="username" value={userName} readOnly hidden />
        <NewPasswordInput
          label={t('accounts.invitation.password')}
          value={password}
          onChange={(next) => {
            setPassword(next);
            setOwn(null);
            if (accept.isError) accept.reset();
          }}
          error={own ?? said}
          userName={userName}
        />
        <Button type="submit" size="md" fullWidth loading={accept.isPending} disabled={wait > 0}>
          {t('accounts.invitation.submit')}
        </Button>
      </Stack>
    </form>
  );
}

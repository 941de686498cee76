import { Anchor, Button, Collapse, Stack, Text, TextInput } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { useSignIn, type EntryWish } from './accounts.queries.ts';
import { CommandLine } from './CommandLine.tsx';
import { PasskeySignIn } from './PasskeySignIn.tsx';
import { SignInFailure } from './SignInFailure.tsx';
import { clockOf, useWait } from './use-wait.ts';

type SignInFormProps = {
  readonly wish: EntryWish;
  /** Whether passkeys work at this address and in this browser. */
  readonly canUsePasskey: boolean;
};

/** Name and password, or a passkey alone. */
export function SignInForm({ wish, canUsePasskey }: SignInFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const signIn = useSignIn(wish);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState<{ readonly name?: string; readonly password?: string }>({});
  const nameRef = useRef<HTMLInputElement>(null);
  const passwordRef = useRef<HTMLInputElement>(null);
  const [failedAt, setFailedAt] = useState(0);
  const wait = useWait(signIn.error, failedAt);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wait > 0 || signIn.isPending) return;
    const found = {
      ...(name.trim() === '' ? { name: t('accounts.signIn.nameMissing') } : {}),
      ...(password === '' ? { password: t('accounts.signIn.passwordMissing') } : {}),
    };
    setMissing(found);
    if (found.name !== undefined) return nameRef.current?.focus();
    if (found.password !== undefined) return passwordRef.current?.focus();
    signIn.mutate(
      { name, password },
      {
        onError: () => {
          setFailedAt(Date.now());
          passwordRef.current?.select();
        },
      },
    );
  };

  return (
    <Stack gap="md">
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {signIn.error !== null && !signIn.isPending && <SignInFailure error={signIn.error} wait={wait} />}
          <TextInput
            ref={nameRef}
            label={t('accounts.signIn.name')}
            size="md"
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setMissing({});
            }}
            error={missing.name}
            name="username"
            // The browser lists passkeys under the field too.
            autoComplete={canUsePasskey ? 'username webauthn' : 'username'}
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            dir="auto"
            autoFocus
          />
          <PasswordField
            ref={passwordRef}
            label={t('accounts.signIn.password')}
            size="md"
            value={password}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
              setMissing({});
            }}
            error={missing.password}
            name="password"
            autoComplete="current-password"
          />
          <Button type="submit" size="md" fullWidth mt={4} loading={signIn.isPending} disabled={wait > 0}>
            {wait > 0
              ? t('accounts.signIn.wait', { time: clockOf(wait, (value) => format.number(value)) })
              : t('accounts.signIn.submit')}
          </Button>
        </Stack>
      </form>
      {canUsePasskey && <PasskeySignIn {...wish} />}
      <Forgotten />
    </Stack>
  );
}

function Forgotten() {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div>
      <Anchor
        component="button"
        type="button"
        size="sm"
        c="var(--app-text-soft)"
        aria-expanded={isOpen}
        aria-controls="forgotten"
        onClick={() => setIsOpen((before) => !before)}
      >
        {t('accounts.signIn.forgotten')}
      </Anchor>
      <Collapse expanded={isOpen} id="forgotten">
        <Stack gap={8} pt="sm">
          <Text size="sm" c="dimmed">
            {t('accounts.signIn.forgottenText')}
          </Text>
          <Text size="sm" mt={4}>
            {t('accounts.signIn.forgottenReset')}
          </Text>
          <CommandLine>aapanel reset-password NAME</CommandLine>
          <Text size="sm" mt={4}>
            {t('accounts.signIn.forgottenLink')}
          </Text>
          <CommandLine>aapanel link</CommandLine>
        </Stack>
      </Collapse>
    </div>
  );
}

import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconClock, IconFingerprint } from '@tabler/icons-react';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { FactorKind, Proof } from '#shared/factors.ts';
import { toApiError } from '../../api/errors.ts';
import { askForPasskey, PasskeyError, type PasskeyChallenge } from '../../api/passkeys.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { CodeField } from './CodeField.tsx';
import classes from './CodeField.module.css';
import { tidyRecoveryCode } from './proof-form.ts';
import { clockOf, useWait } from './use-wait.ts';

type ProofFormProps = {
  /** What can be used here and now, strongest first; at least one. */
  readonly kinds: readonly FactorKind[];
  /** Whose password manager entry it is. */
  readonly userName?: string;
  readonly submitLabel: string;
  readonly isPending: boolean;
  /** What the panel said to the last proof. */
  readonly error: unknown;
  readonly failedAt: number;
  readonly challenge: () => Promise<PasskeyChallenge>;
  readonly onProof: (proof: Proof) => void;
  /** The last answer of the panel no longer belongs to what is shown. */
  readonly onReset: () => void;
};

/** Proves who somebody is, with one of their factors; the strongest is offered first, the others below it. */
export function ProofForm({ kinds, onReset, ...props }: ProofFormProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<FactorKind | null>(null);
  const kind = chosen !== null && kinds.includes(chosen) ? chosen : (kinds[0] ?? 'password');
  const others = kinds.filter((each) => each !== kind);
  return (
    <Stack gap="md">
      {kind === 'passkey' ? (
        <PasskeyProof {...props} />
      ) : (
        <TypedProof key={kind} kind={kind} onReset={onReset} {...props} />
      )}
      {others.length > 0 && (
        <Group gap="4px 18px" component="div">
          {others.map((other) => (
            <Anchor
              key={other}
              component="button"
              type="button"
              size="sm"
              c="var(--app-text-soft)"
              onClick={() => {
                onReset();
                setChosen(other);
              }}
            >
              {t(`accounts.proof.other.${other}`)}
            </Anchor>
          ))}
        </Group>
      )}
    </Stack>
  );
}

type PartProps = Omit<ProofFormProps, 'kinds' | 'onReset'>;

function PasskeyProof({ submitLabel, isPending, error, failedAt, challenge, onProof }: PartProps) {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const wait = useWait(error, failedAt);
  const start = async (): Promise<void> => {
    setTrouble(null);
    setIsAsking(true);
    try {
      onProof({ kind: 'passkey', assertion: await askForPasskey(await challenge()) });
    } catch (caught) {
      setTrouble(caught);
    } finally {
      setIsAsking(false);
    }
  };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t('accounts.proof.passkeyText')}
      </Text>
      <ProofFailure kind="passkey" error={trouble ?? error} wait={wait} />
      <Button
        size="md"
        fullWidth
        data-autofocus
        autoFocus
        leftSection={<IconFingerprint size={20} stroke={1.7} aria-hidden />}
        loading={isAsking || isPending}
        disabled={wait > 0}
        onClick={() => void start()}
      >
        {t('accounts.proof.passkey', { action: submitLabel })}
      </Button>
    </Stack>
  );
}

type TypedProps = PartProps & {
  readonly kind: Exclude<FactorKind, 'passkey'>;
  readonly onReset: () => void;
};

function TypedProof({ kind, userName, submitLabel, isPending, error, failedAt, onProof, onReset }: TypedProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const fieldErrors = useFieldErrors();
  const form = useRef<HTMLFormElement>(null);
  const [text, setText] = useState('');
  const [missing, setMissing] = useState<string | null>(null);
  const wait = useWait(error, failedAt);
  // The panel names one field of the proof; there is only one here.
  const said = error === null ? undefined : Object.values(fieldErrors(error))[0];

  const edit = (next: string): void => {
    setText(next);
    setMissing(null);
    if (error !== null && wait === 0) onReset();
  };
  const send = (value: string): void => {
    if (isPending || wait > 0) return;
    if (value.trim() === '' || (kind === 'totp' && value.length < 6)) {
      setMissing(t(`accounts.proof.missing.${kind}`));
      form.current?.querySelector<HTMLInputElement>('input:not([hidden])')?.focus();
      return;
    }
    if (kind === 'totp') onProof({ kind, code: value });
    else if (kind === 'recovery') onProof({ kind, code: tidyRecoveryCode(value) });
    else onProof({ kind, password: value });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send(text);
  };
  const field = {
    label: t(`accounts.proof.label.${kind}`),
    description: t(`accounts.proof.hint.${kind}`),
    size: 'md',
    value: text,
    error: missing ?? said,
    autoFocus: true,
    'data-autofocus': true,
  } as const;
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="md">
        {said === undefined && <ProofFailure kind={kind} error={error} wait={wait} />}
        {kind === 'totp' && <CodeField {...field} onChange={edit} onFull={send} />}
        {kind === 'recovery' && (
          <TextInput
            {...field}
            onChange={(event) => edit(event.currentTarget.value)}
            onBlur={() => setText(tidyRecoveryCode)}
            name="recovery-code"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            dir="ltr"
            placeholder="abcde-23456"
            classNames={{ input: classes.mono ?? '' }}
          />
        )}
        {kind === 'password' && (
          <>
            {userName !== undefined && (
              <input type="text" name="username" autoComplete="username" value={userName} readOnly hidden />
            )}
            <PasswordField
              {...field}
              onChange={(event) => edit(event.currentTarget.value)}
              name="current-password"
              autoComplete="current-password"
            />
          </>
        )}
        <Button type="submit" size="md" fullWidth loading={isPending} disabled={wait > 0}>
          {wait > 0 ? t('accounts.signIn.wait', { time: clockOf(wait, (value) => format.number(value)) }) : submitLabel}
        </Button>
      </Stack>
    </form>
  );
}

/** Why it did not work, in a sentence; nothing when there is no error. */
export function ProofFailure({
  kind,
  error,
  wait,
}: {
  readonly kind: FactorKind;
  readonly error: unknown;
  readonly wait: number;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  if (error === null) return null;
  if (error instanceof PasskeyError) {
    return (
      <Notice tone={error.trouble === 'failed' ? 'bad' : 'info'} role="alert">
        {t(`accounts.passkeyTrouble.${error.trouble}`)}
      </Notice>
    );
  }
  const { code, reason } = toApiError(error);
  if (code === 'rate_limited' && reason !== 'banned') {
    return (
      <Notice tone="warn" icon={IconClock} role="alert">
        {wait > 0
          ? t('accounts.signIn.limited', { time: clockOf(wait, (value) => format.number(value)) })
          : t('accounts.signIn.limitedUnknown')}
      </Notice>
    );
  }
  return (
    <Notice tone={reason === 'banned' ? 'warn' : 'bad'} role="alert">
      {reason === 'wrong_credentials' ? t(`accounts.proof.wrong.${kind}`) : errorText(error)}
    </Notice>
  );
}

import { Button, Group, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { leastAccountPassword, type MachineAccount } from '#shared/machine-accounts.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText } from '../../ui/error-text.ts';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './MachineAccounts.module.css';
import { useChangeAccount, useSetPassword } from './machine-accounts.queries.ts';

type AccessProps = { readonly account: MachineAccount; readonly whyNot: string | boolean };

/** Its password, and whether it is let in at all. */
export function AccountAccess({ account, whyNot }: AccessProps) {
  return (
    <>
      <Password account={account} whyNot={whyNot} />
      <Lock account={account} whyNot={whyNot} />
    </>
  );
}

function Password({ account, whyNot }: AccessProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const set = useSetPassword(account.name);
  const [password, setPassword] = useState('');
  const isShort = password !== '' && password.length < leastAccountPassword;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (password.length < leastAccountPassword || whyNot !== false) return;
    finish(
      set,
      { password },
      {
        onSuccess: () => {
          setPassword('');
          sayDone(t('machineAccounts.password.done'));
        },
      },
    );
  };
  return (
    <form className={classes.part} onSubmit={submit} noValidate aria-label={t('machineAccounts.password.title')}>
      <h3>{t('machineAccounts.password.title')}</h3>
      <p className={classes.hint}>{t(`machineAccounts.password.${account.hasPassword === true ? 'has' : 'none'}`)}</p>
      <PasswordField
        label={t('machineAccounts.password.new')}
        description={t('machineAccounts.password.hint')}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={isShort ? fieldText(t, 'too_short', { min: leastAccountPassword }) : undefined}
        name="machine-account-password"
        autoComplete="new-password"
        maxLength={128}
        disabled={whyNot !== false}
      />
      {set.isError && (
        <p className={classes.error} role="alert">
          {errorText(set.error)}
        </p>
      )}
      <Group>
        <WhyNot reason={whyNot}>
          <Button
            type="submit"
            variant="default"
            loading={set.isPending}
            disabled={password.length < leastAccountPassword || whyNot !== false}
          >
            {t('machineAccounts.password.set')}
          </Button>
        </WhyNot>
      </Group>
    </form>
  );
}

function Lock({ account, whyNot }: AccessProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const change = useChangeAccount(account.name);
  const [expiresOn, setExpiresOn] = useState('');
  const isLocked = account.isLocked === true;
  const act = (): void =>
    finish(
      change,
      isLocked ? { isLocked: false, expiresOn: expiresOn === '' ? null : expiresOn } : { isLocked: true },
      {
        onSuccess: () => sayDone(t(isLocked ? 'machineAccounts.lock.unlocked' : 'machineAccounts.lock.done')),
      },
    );
  return (
    <section className={classes.part}>
      <h3>{t('machineAccounts.lock.title')}</h3>
      <p className={classes.hint}>{t(isLocked ? 'machineAccounts.lock.isLocked' : 'machineAccounts.lock.text')}</p>
      {isLocked && (
        <TextInput
          type="date"
          label={t('machineAccounts.expires')}
          description={t('machineAccounts.expiresHint')}
          value={expiresOn}
          onChange={(event) => setExpiresOn(event.currentTarget.value)}
          disabled={whyNot !== false}
        />
      )}
      {change.isError && (
        <p className={classes.error} role="alert">
          {errorText(change.error)}
        </p>
      )}
      <Group>
        <WhyNot reason={whyNot}>
          <Button variant="default" loading={change.isPending} disabled={whyNot !== false} onClick={act}>
            {t(isLocked ? 'machineAccounts.lock.unlock' : 'machineAccounts.lock.action')}
          </Button>
        </WhyNot>
      </Group>
    </section>
  );
}

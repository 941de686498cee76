import { Button, Group, Select, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineAccount, MachineAccounts } from '#shared/machine-accounts.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText } from '../../ui/error-text.ts';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { GroupsField, newRootGroups } from './GroupsField.tsx';
import classes from './MachineAccounts.module.css';
import { useChangeAccount } from './machine-accounts.queries.ts';

type FormProps = {
  readonly account: MachineAccount;
  readonly accounts: MachineAccounts;
  readonly whyNot: string | boolean;
};

/** Name, shell, groups and the day it ends. Only what was changed is sent. */
export function AccountForm({ account, accounts, whyNot }: FormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const save = useChangeAccount(account.name);
  const [fullName, setFullName] = useState(account.fullName);
  const [shell, setShell] = useState(account.loginShell);
  const [groups, setGroups] = useState(account.groups);
  const [expiresOn, setExpiresOn] = useState(account.expiresOn);
  const [isSure, setIsSure] = useState(false);
  const isLocked = account.isLocked === true;
  const needsWord = newRootGroups(groups, account.groups).length > 0 && !isSure;
  const isWrong = /[:,=]/.test(fullName);
  const changes = {
    ...(fullName.trim() === account.fullName ? {} : { fullName: fullName.trim() }),
    ...(shell === account.loginShell ? {} : { loginShell: shell }),
    ...([...groups].sort().join() === account.groups.join() ? {} : { groups }),
    ...(expiresOn === account.expiresOn ? {} : { expiresOn }),
  };
  const isChanged = Object.keys(changes).length > 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isChanged || needsWord || isWrong || whyNot !== false || save.isPending) return;
    finish(save, { ...changes, becomesRoot: isSure }, { onSuccess: () => sayDone(t('common.states.saved')) });
  };
  return (
    <form className={classes.part} onSubmit={submit} noValidate aria-label={t('machineAccounts.facts')}>
      <h3>{t('machineAccounts.facts')}</h3>
      <TextInput
        label={t('machineAccounts.fullName')}
        value={fullName}
        onChange={(event) => setFullName(event.currentTarget.value)}
        error={isWrong ? fieldText(t, 'full_name_invalid') : undefined}
        dir="auto"
        maxLength={100}
        disabled={whyNot !== false}
      />
      <Select
        label={t('machineAccounts.shell')}
        data={[...new Set([account.loginShell, ...accounts.shells])].filter((each) => each !== '')}
        value={shell}
        onChange={(next) => next !== null && setShell(next)}
        allowDeselect={false}
        dir="ltr"
        disabled={whyNot !== false}
      />
      <GroupsField
        accounts={accounts}
        before={account.groups}
        value={groups}
        onChange={setGroups}
        isSure={isSure}
        onSure={setIsSure}
      />
      {!isLocked && (
        <TextInput
          type="date"
          label={t('machineAccounts.expires')}
          description={t('machineAccounts.expiresHint')}
          value={expiresOn ?? ''}
          onChange={(event) => setExpiresOn(event.currentTarget.value === '' ? null : event.currentTarget.value)}
          disabled={whyNot !== false}
        />
      )}
      {save.isError && (
        <p className={classes.error} role="alert">
          {errorText(save.error)}
        </p>
      )}
      <Group>
        <WhyNot reason={whyNot}>
          <Button
            type="submit"
            variant="default"
            loading={save.isPending}
            disabled={!isChanged || needsWord || isWrong || whyNot !== false}
          >
            {t('common.actions.save')}
          </Button>
        </WhyNot>
      </Group>
    </form>
  );
}

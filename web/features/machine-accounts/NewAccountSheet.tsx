import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineAccounts } from '#shared/machine-accounts.ts';
import { parseSshKey } from '#shared/site-sftp.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText } from '../../ui/error-text.ts';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { keyName, nameFault } from './account-names.ts';
import { GroupsField, newRootGroups } from './GroupsField.tsx';
import classes from './MachineAccounts.module.css';
import { useCreateAccount } from './machine-accounts.queries.ts';

type NewAccountProps = {
  readonly accounts: MachineAccounts;
  readonly onClose: () => void;
  readonly onMade: (name: string) => void;
};

/** A new user of the machine: it signs in with its key, or with a password that it is given afterwards. */
export function NewAccountSheet({ accounts, onClose, onMade }: NewAccountProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const create = useCreateAccount();
  const [name, setName] = useState('');
  const [fullName, setFullName] = useState('');
  const [shell, setShell] = useState(firstShell(accounts.shells));
  const [groups, setGroups] = useState<string[]>([]);
  const [key, setKey] = useState('');
  const [isSure, setIsSure] = useState(false);
  const [isTried, setIsTried] = useState(false);

  const nameCode = nameFault(name);
  const parsed = parseSshKey(key);
  const keyCode = key.trim() === '' || parsed.ok ? undefined : parsed.code;
  const fullNameCode = /[:,=]/.test(fullName) ? 'full_name_invalid' : undefined;
  const needsWord = newRootGroups(groups, []).length > 0 && !isSure;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (nameCode !== undefined || keyCode !== undefined || fullNameCode !== undefined || needsWord) return;
    const keys = parsed.ok ? [{ name: keyName(key) ?? name, key: parsed.key }] : [];
    finish(
      create,
      { name, fullName: fullName.trim(), loginShell: shell, groups, keys, becomesRoot: isSure },
      {
        onSuccess: () => {
          sayDone(t('machineAccounts.made', { name }));
          onMade(name);
        },
      },
    );
  };
  const shownError = (code: string | undefined): string | undefined =>
    isTried && code !== undefined ? fieldText(t, code) : undefined;
  return (
    <SideSheet
      title={t('machineAccounts.add')}
      onClose={create.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form="new-machine-account" loading={create.isPending} disabled={needsWord}>
            {t('machineAccounts.create')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={create.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id="new-machine-account" className={classes.form} onSubmit={submit} noValidate>
        <TextInput
          label={t('machineAccounts.name')}
          description={t('machineAccounts.nameHint')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={shownError(nameCode)}
          dir="ltr"
          maxLength={32}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          data-autofocus
        />
        <TextInput
          label={t('machineAccounts.fullName')}
          value={fullName}
          onChange={(event) => setFullName(event.currentTarget.value)}
          error={shownError(fullNameCode)}
          dir="auto"
          maxLength={100}
          autoComplete="off"
        />
        <Select
          label={t('machineAccounts.shell')}
          data={[...accounts.shells]}
          value={shell}
          onChange={(next) => next !== null && setShell(next)}
          allowDeselect={false}
          dir="ltr"
        />
        <GroupsField
          accounts={accounts}
          before={[]}
          value={groups}
          onChange={setGroups}
          isSure={isSure}
          onSure={setIsSure}
        />
        <Textarea
          label={t('machineAccounts.key')}
          description={t('machineAccounts.keyHint')}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={shownError(keyCode)}
          autosize
          minRows={3}
          maxRows={8}
          dir="ltr"
          spellCheck={false}
          classNames={{ input: classes.mono ?? '' }}
          placeholder="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…"
        />
        {create.isError && (
          <p className={classes.error} role="alert">
            {errorText(create.error)}
          </p>
        )}
      </form>
    </SideSheet>
  );
}

const firstShell = (shells: readonly string[]): string =>
  shells.find((shell) => shell.endsWith('/bash')) ?? shells[0] ?? '/bin/sh';

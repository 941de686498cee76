import { Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccountFacts } from '#shared/machine-accounts.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import classes from './MachineAccounts.module.css';
import { useRemoveAccount } from './machine-accounts.queries.ts';

type RemoveProps = {
  readonly facts: AccountFacts;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
};

/** What ends with the user, what stays, and its name as a signature. */
export function RemoveAccount({ facts, onClose, onRemoved }: RemoveProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { account, home, sessions, processes, processCount, crontabLines, jobs } = facts;
  const remove = useRemoveAccount(account.name);
  const [typed, setTyped] = useState('');
  const [endsProcesses, setEndsProcesses] = useState(false);
  const counted = (count: number) => ({ count, value: format.number(count) });
  const names = [...new Set(processes.map(({ name }) => name))].slice(0, 6).join(' ');
  return (
    <ConfirmDialog
      isOpen
      title={t('machineAccounts.remove.title', { name: account.name })}
      confirmLabel={t('machineAccounts.remove.action')}
      isDangerous
      isBusy={remove.isPending}
      canConfirm={typed === account.name && (processCount === 0 || endsProcesses)}
      onClose={onClose}
      onConfirm={() =>
        finish(
          remove,
          { endsProcesses },
          {
            onSuccess: () => {
              sayDone(t('machineAccounts.remove.done', { name: account.name }));
              onRemoved();
            },
            onError: (error) => {
              sayFailed(t('machineAccounts.remove.failed'), errorText(error));
              onClose();
            },
          },
        )
      }
    >
      {t('machineAccounts.remove.text')}
      <ul className={classes.dies}>
        {sessions > 0 && <li className={classes.strong}>{t('machineAccounts.remove.sessions', counted(sessions))}</li>}
        {processCount > 0 && (
          <li>
            {t('machineAccounts.remove.processes', counted(processCount))} <Token mono>{names}</Token>
          </li>
        )}
        {crontabLines > 0 && <li>{t('machineAccounts.remove.crontab', counted(crontabLines))}</li>}
        {jobs.length > 0 && (
          <li>
            {t('machineAccounts.remove.jobs', counted(jobs.length))}{' '}
            <bdi>{jobs.map(({ name }) => name).join('، ')}</bdi>
          </li>
        )}
        {home.state === 'folder' && (
          <li>
            {t('machineAccounts.remove.home', {
              path: account.home,
              size: home.sizeBytes === null ? '—' : format.bytes(home.sizeBytes),
            })}
          </li>
        )}
      </ul>
      {processCount > 0 && (
        <Checkbox
          mt="md"
          label={t('machineAccounts.remove.ends')}
          checked={endsProcesses}
          onChange={(event) => setEndsProcesses(event.currentTarget.checked)}
        />
      )}
      <TextInput
        mt="md"
        label={t('machineAccounts.remove.type', { name: account.name })}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        dir="ltr"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
      />
    </ConfirmDialog>
  );
}

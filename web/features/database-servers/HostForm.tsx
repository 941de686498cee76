import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { hostProblem, isWideHost } from '#shared/database-servers.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useChangeAccount, type DatabaseAccount } from './database-servers.queries.ts';

type HostFormProps = {
  readonly engine: DatabaseEngine;
  readonly account: DatabaseAccount;
  /** It has another id from then on. */
  readonly onMoved: () => void;
};

/** From where an account may come in. Rights and password go with it. */
export function HostForm({ engine, account, onMoved }: HostFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const change = useChangeAccount(engine, account.id);
  const [host, setHost] = useState(account.host ?? '');
  const [isTried, setIsTried] = useState(false);
  const problem = host === '' ? 'required' : hostProblem(host);
  const shown = isTried && problem !== undefined ? fieldText(t, problem) : change.isError && errorText(change.error);
  const { isLocked, requiresTls } = account;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (change.isPending || problem !== undefined) return;
    finish(
      change,
      { host, isLocked, requiresTls },
      {
        onSuccess: () => {
          sayDone(t('databaseServers.changed'));
          onMoved();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="sm">
        <TextInput
          label={t('databaseServers.hosts.label')}
          description={t('databaseServers.hosts.changeHint')}
          value={host}
          onChange={(event) => setHost(event.currentTarget.value.trim())}
          error={shown}
          maxLength={60}
          dir="ltr"
          autoCapitalize="none"
          spellCheck={false}
        />
        {isWideHost(host) && (
          <Notice tone="warn" title={t('databaseServers.hosts.wide')}>
            {t('databaseServers.hosts.wideText')}
          </Notice>
        )}
        {host !== account.host && (
          <Group>
            <Button type="submit" variant="default" loading={change.isPending}>
              {t('databaseServers.hosts.save')}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

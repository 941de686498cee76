import { Button, Radio, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { hostProblem } from '#shared/database-servers.ts';
import { databaseProblems, type DatabaseEngine } from '#shared/databases.ts';
import { toApiError } from '../../api/errors.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useCreateAccount } from './database-servers.queries.ts';
import { NewPassword } from './NewPassword.tsx';

const formId = 'new-account-form';
const places = ['local', 'any', 'list'] as const;
type Place = (typeof places)[number];

type NewAccountSheetProps = { readonly engine: DatabaseEngine; readonly onClose: () => void };

/** An account without rights; its password is made on the server and shown once. */
export function NewAccountSheet({ engine, onClose }: NewAccountSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const create = useCreateAccount(engine);
  const [name, setName] = useState('');
  const [place, setPlace] = useState<Place>('local');
  const [list, setList] = useState('');
  const [requiresTls, setRequiresTls] = useState(false);
  const [isTried, setIsTried] = useState(false);
  const isMaria = engine === 'mariadb';
  const listed = list.split(/[\s,]+/).filter((each) => each !== '');
  const hosts = !isMaria ? [] : place === 'local' ? ['localhost'] : place === 'any' ? ['%'] : listed;

  const own: Record<string, string> = {};
  const problem = name === '' ? 'required' : databaseProblems.user(name);
  if (problem !== undefined) own['name'] = fieldText(t, problem);
  if (isMaria && place === 'list') {
    const wrong = listed.length === 0 ? 'required' : listed.map(hostProblem).find((each) => each !== undefined);
    if (wrong !== undefined) own['hosts'] = fieldText(t, wrong);
  }
  const said = create.isError ? fieldErrors(create.error) : {};
  const errorOf = (field: string): string | undefined =>
    (isTried ? own[field] : undefined) ?? said[field] ?? (field === 'name' ? said['user'] : undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (create.isPending || Object.keys(own).length > 0) return;
    create.mutate({ name, hosts, requiresTls });
  };
  const made = create.data;
  return (
    <SideSheet
      title={t('databaseServers.accounts.new')}
      onClose={create.isPending ? () => undefined : onClose}
      footer={
        made === undefined ? (
          <>
            <Button type="submit" form={formId} loading={create.isPending}>
              {t('databaseServers.accounts.create')}
            </Button>
            <Button variant="default" onClick={onClose} disabled={create.isPending}>
              {t('common.actions.cancel')}
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>{t('common.actions.close')}</Button>
        )
      }
    >
      {made !== undefined ? (
        <Stack gap="lg">
          <NewPassword password={made.password} />
          <p>{t('databaseServers.accounts.madeText')}</p>
        </Stack>
      ) : (
        <form id={formId} onSubmit={submit} noValidate autoComplete="off">
          <Stack gap="lg">
            {create.isError && toApiError(create.error).fields.length === 0 && (
              <Notice tone="bad" role="alert" title={t('databaseServers.accounts.notMade')}>
                {errorText(create.error)}
              </Notice>
            )}
            <TextInput
              label={t('databaseServers.accounts.name')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={errorOf('name')}
              maxLength={40}
              dir="ltr"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              data-autofocus
            />
            {isMaria && (
              <>
                <Radio.Group
                  label={t('databaseServers.hosts.label')}
                  description={t('databaseServers.hosts.hint')}
                  value={place}
                  onChange={(value) => setPlace(places.find((each) => each === value) ?? 'local')}
                >
                  <Stack gap="xs" mt="xs">
                    {places.map((value) => (
                      <Radio key={value} value={value} label={t(`databaseServers.hosts.${value}`)} />
                    ))}
                  </Stack>
                </Radio.Group>
                {place === 'list' && (
                  <Textarea
                    label={t('databaseServers.hosts.listLabel')}
                    description={t('databaseServers.hosts.listHint')}
                    value={list}
                    onChange={(event) => setList(event.currentTarget.value)}
                    error={errorOf('hosts')}
                    dir="ltr"
                    autosize
                    minRows={2}
                  />
                )}
                {hosts.some((host) => host.includes('%')) && (
                  <Notice tone="warn" title={t('databaseServers.hosts.wide')}>
                    {t('databaseServers.hosts.wideText')}
                  </Notice>
                )}
                <Switch
                  label={t('databaseServers.accounts.requireTls')}
                  description={t('databaseServers.accounts.requireTlsHint')}
                  checked={requiresTls}
                  onChange={(event) => setRequiresTls(event.currentTarget.checked)}
                />
              </>
            )}
          </Stack>
        </form>
      )}
    </SideSheet>
  );
}

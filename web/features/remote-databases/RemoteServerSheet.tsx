import { Button, NativeSelect, NumberInput, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { databaseEngines, type DatabaseEngine } from '#shared/databases.ts';
import { remotePortOf, remoteProblems } from '#shared/remote-database-host.ts';
import { finish } from '../../api/finish.ts';
import { toApiError } from '../../api/errors.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { engineTitles } from '../databases/engines.ts';
import {
  usePutRemoteServer,
  useTryRemoteServer,
  type RemoteServer,
  type RemoteServerDraft,
} from './remote-databases.queries.ts';
import classes from './RemoteDatabases.module.css';

const formId = 'remote-server-form';
const security = ['verify', 'authority', 'off'] as const;
type Security = (typeof security)[number];

type Props = { readonly server?: RemoteServer; readonly onClose: () => void };

/** Where a server is and how the panel comes in. It is tried before it is kept, and can be tried alone. */
export function RemoteServerSheet({ server, onClose }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const serverId = server?.serverId ?? null;
  const put = usePutRemoteServer(serverId);
  const trial = useTryRemoteServer(serverId);
  const [name, setName] = useState(server?.name ?? '');
  const [engine, setEngine] = useState<DatabaseEngine>(server?.engine ?? 'mariadb');
  const [host, setHost] = useState(server?.host ?? '');
  const [port, setPort] = useState<number | string>(server?.port ?? remotePortOf.mariadb);
  const [user, setUser] = useState(server?.user ?? '');
  const [password, setPassword] = useState('');
  const [way, setWay] = useState<Security>(
    server?.tls === 'off' ? 'off' : (server?.authority ?? null) === null ? 'verify' : 'authority',
  );
  const [authority, setAuthority] = useState(server?.authority ?? '');
  const [usersFrom, setUsersFrom] = useState(server?.usersFrom ?? 'here');
  const [isTried, setIsTried] = useState(false);
  const isPending = put.isPending || trial.isPending;

  const draft: RemoteServerDraft = {
    engine,
    name: name.trim(),
    host: host.trim(),
    port: Number(port),
    user,
    tls: way === 'off' ? 'off' : 'verify',
    authority: way === 'authority' ? authority : null,
    usersFrom: engine === 'mariadb' ? usersFrom : 'here',
    ...(password === '' ? {} : { password }),
  };
  const own: Record<string, string> = {};
  const say = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) own[field] = fieldText(t, problem);
  };
  const required = (text: string, check: (text: string) => string | undefined): string | undefined =>
    text === '' ? 'required' : check(text);
  say(
    'name',
    required(draft.name, () => undefined),
  );
  say('host', required(draft.host, remoteProblems.host));
  say('user', required(user, remoteProblems.user));
  if (server === undefined || password !== '') say('password', required(password, remoteProblems.password));
  if (way === 'authority') say('authority', required(authority, remoteProblems.authority));
  if (!(Number.isInteger(draft.port) && draft.port >= 1 && draft.port <= 65_535)) say('port', 'required');

  const failed = put.error ?? trial.error;
  const said = failed === null ? {} : fieldErrors(failed);
  const errorOf = (field: string): string | undefined => (isTried ? own[field] : undefined) ?? said[field];
  const isOther = failed !== null && toApiError(failed).fields.length === 0;
  const edit = <T,>(set: (value: T) => void) => {
    return (value: T): void => {
      set(value);
      put.reset();
      trial.reset();
    };
  };
  const isReady = (): boolean => {
    setIsTried(true);
    return !isPending && Object.keys(own).length === 0;
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady()) return;
    trial.reset();
    finish(put, draft, {
      onSuccess: () => {
        sayDone(t('remoteDatabases.kept', { name: draft.name }));
        onClose();
      },
    });
  };
  const plain = { dir: 'ltr', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  return (
    <SideSheet
      title={server === undefined ? t('remoteDatabases.addTitle') : t('remoteDatabases.changeTitle')}
      onClose={isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={put.isPending} disabled={trial.isPending}>
            {t('remoteDatabases.save')}
          </Button>
          <Button
            variant="default"
            loading={trial.isPending}
            disabled={put.isPending}
            onClick={() => {
              put.reset();
              if (isReady()) trial.mutate(draft);
            }}
          >
            {t('remoteDatabases.test')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="lg">
          {isOther && (
            <Notice tone="bad" role="alert" title={t('remoteDatabases.notReached')}>
              {errorText(failed)}
            </Notice>
          )}
          {trial.isSuccess && (
            <Notice tone="good" title={t('remoteDatabases.reached')}>
              {t(trial.data.isEncrypted ? 'remoteDatabases.foundSafe' : 'remoteDatabases.foundPlain', {
                server: `${engineTitles[engine]} ${trial.data.version}`,
              })}
            </Notice>
          )}
          <TextInput
            label={t('remoteDatabases.fields.name')}
            description={t('remoteDatabases.fields.nameHint')}
            value={name}
            onChange={(event) => edit(setName)(event.currentTarget.value)}
            error={errorOf('name')}
            maxLength={64}
            autoComplete="off"
            data-autofocus
          />
          <NativeSelect
            label={t('remoteDatabases.fields.engine')}
            value={engine}
            disabled={server !== undefined}
            onChange={(event) => {
              const chosen = databaseEngines.find((each) => each === event.currentTarget.value) ?? 'mariadb';
              edit(setEngine)(chosen);
              if (Number(port) === remotePortOf[engine]) setPort(remotePortOf[chosen]);
            }}
            data={databaseEngines.map((value) => ({ value, label: engineTitles[value] }))}
            maw={220}
          />
          <div className={classes.place}>
            <TextInput
              label={t('remoteDatabases.fields.host')}
              placeholder="db.example.com"
              value={host}
              onChange={(event) => edit(setHost)(event.currentTarget.value)}
              error={errorOf('host')}
              maxLength={253}
              {...plain}
            />
            <NumberInput
              label={t('remoteDatabases.fields.port')}
              value={port}
              onChange={edit(setPort)}
              error={errorOf('port')}
              min={1}
              max={65_535}
              hideControls
              allowDecimal={false}
              allowNegative={false}
              dir="ltr"
            />
          </div>
          <TextInput
            label={t('remoteDatabases.fields.user')}
            description={t(`remoteDatabases.fields.userHint.${engine}`)}
            value={user}
            onChange={(event) => edit(setUser)(event.currentTarget.value)}
            error={errorOf('user')}
            maxLength={80}
            {...plain}
          />
          <PasswordField
            label={t('remoteDatabases.fields.password')}
            description={t(
              server === undefined ? 'remoteDatabases.fields.passwordHint' : 'remoteDatabases.fields.passwordKept',
            )}
            value={password}
            onChange={(event) => edit(setPassword)(event.currentTarget.value)}
            error={errorOf('password')}
            dir="ltr"
            autoComplete="new-password"
            maxLength={256}
          />
          <Radio.Group
            label={t('remoteDatabases.fields.tls')}
            value={way}
            onChange={(value) => edit(setWay)(security.find((each) => each === value) ?? 'verify')}
          >
            <Stack gap="xs" mt="xs">
              {security.map((value) => (
                <Radio key={value} value={value} label={t(`remoteDatabases.tls.${value}`)} />
              ))}
            </Stack>
          </Radio.Group>
          {way === 'authority' && (
            <Textarea
              label={t('remoteDatabases.fields.authority')}
              description={t('remoteDatabases.fields.authorityHint')}
              value={authority}
              onChange={(event) => edit(setAuthority)(event.currentTarget.value)}
              error={errorOf('authority')}
              dir="ltr"
              autosize
              minRows={4}
              maxRows={10}
              spellCheck={false}
            />
          )}
          {way === 'off' && (
            <Notice tone="warn" title={t('remoteDatabases.plainTitle')}>
              {t('remoteDatabases.plainText')}
            </Notice>
          )}
          {engine === 'mariadb' && (
            <Radio.Group
              label={t('remoteDatabases.fields.usersFrom')}
              description={t('remoteDatabases.fields.usersFromHint')}
              value={usersFrom}
              onChange={(value) => edit(setUsersFrom)(value === 'any' ? 'any' : 'here')}
            >
              <Stack gap="xs" mt="xs">
                <Radio value="here" label={t('remoteDatabases.usersFrom.here')} />
                <Radio value="any" label={t('remoteDatabases.usersFrom.any')} />
              </Stack>
            </Radio.Group>
          )}
        </Stack>
      </form>
    </SideSheet>
  );
}

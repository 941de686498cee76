import { Button, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { charsetsOf, databaseProblems } from '#shared/databases.ts';
import { toApiError } from '../../api/errors.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useCreateRemoteDatabase, type NewRemoteDatabase, type RemoteServer } from './remote-databases.queries.ts';
import { ShownPassword } from './ShownPassword.tsx';

type Charset = NonNullable<NewRemoteDatabase['charset']>;
type Props = { readonly server: RemoteServer; readonly locales: readonly string[]; readonly onClose: () => void };

const formId = 'new-remote-database-form';

/** A database and its user in one step; the password is made by the panel and shown this once. */
export function NewRemoteDatabaseSheet({ server, locales, onClose }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const create = useCreateRemoteDatabase(server.serverId);
  const charsets: readonly [Charset, ...Charset[]] = charsetsOf[server.engine];
  const [name, setName] = useState('');
  const [user, setUser] = useState<string | null>(null);
  const [charset, setCharset] = useState<Charset>(charsets[0]);
  const [locale, setLocale] = useState('');
  const [isTried, setIsTried] = useState(false);
  // Until somebody writes another one, the user is called like the database.
  const shownUser = user ?? name.slice(0, 32);

  const own: Record<string, string> = {};
  for (const [field, value] of [
    ['name', name],
    ['user', shownUser],
  ] as const) {
    const problem = value === '' ? 'required' : databaseProblems[field](value);
    if (problem !== undefined) own[field] = fieldText(t, problem);
  }
  const said = create.isError ? fieldErrors(create.error) : {};
  const errorOf = (field: string): string | undefined => (isTried ? own[field] : undefined) ?? said[field];
  const edit = <T,>(set: (value: T) => void) => {
    return (value: T): void => {
      set(value);
      if (create.isError) create.reset();
    };
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (create.isPending || Object.keys(own).length > 0) return;
    create.mutate({ name, user: shownUser, charset, ...(locale === '' ? {} : { locale }) });
  };
  const plain = { dir: 'ltr', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  const made = create.data;
  return (
    <SideSheet
      title={t('databases.newTitle')}
      onClose={create.isPending ? () => undefined : onClose}
      footer={
        made === undefined ? (
          <>
            <Button type="submit" form={formId} loading={create.isPending}>
              {t('databases.create')}
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
        <ShownPassword
          server={server}
          name={made.database.name}
          user={made.database.user ?? ''}
          password={made.password}
        />
      ) : (
        <form id={formId} onSubmit={submit} noValidate autoComplete="off">
          <Stack gap="lg">
            {create.isError && toApiError(create.error).fields.length === 0 && (
              <Notice tone="bad" role="alert" title={t('databases.createFailed')}>
                {errorText(create.error)}
              </Notice>
            )}
            <TextInput
              label={t('databases.fields.name')}
              description={t('databases.fields.nameHint')}
              placeholder="shop"
              value={name}
              onChange={(event) => edit(setName)(event.currentTarget.value)}
              error={errorOf('name')}
              maxLength={80}
              data-autofocus
              {...plain}
            />
            <TextInput
              label={t('databases.fields.user')}
              description={t('databases.fields.userHint')}
              value={shownUser}
              onChange={(event) => edit(setUser)(event.currentTarget.value)}
              error={errorOf('user')}
              maxLength={40}
              {...plain}
            />
            <NativeSelect
              label={t('databases.fields.charset')}
              description={t(`databases.fields.charsetHint.${server.engine}`)}
              value={charset}
              onChange={(event) => {
                const chosen = charsets.find((each) => each === event.currentTarget.value);
                if (chosen !== undefined) edit(setCharset)(chosen);
              }}
              error={errorOf('charset')}
              data={charsets.map((value) => ({ value, label: value }))}
              maw={220}
              dir="ltr"
            />
            {server.engine === 'postgresql' && (
              <NativeSelect
                label={t('databases.fields.locale')}
                description={t('databases.fields.localeHint')}
                value={locale}
                onChange={(event) => edit(setLocale)(event.currentTarget.value)}
                error={errorOf('locale')}
                data={[
                  { value: '', label: t('databases.fields.localeUsual') },
                  ...locales.map((value) => ({ value, label: value })),
                ]}
                maw={320}
              />
            )}
          </Stack>
        </form>
      )}
    </SideSheet>
  );
}

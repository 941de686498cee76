import { Button, NativeSelect, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { charsetsOf, databaseProblems, type Database, type DatabaseEngine } from '#shared/databases.ts';
import { toApiError } from '../../api/errors.ts';
import { useMe } from '../../api/session.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useCreateDatabase, type DatabaseServer, type NewDatabase } from './databases.queries.ts';
import { engineTitles } from './engines.ts';
import { SiteChoice } from './SiteChoice.tsx';

type Charset = NonNullable<NewDatabase['charset']>;

const formId = 'new-database-form';

type Site = { readonly id: string; readonly name: string };
type NewDatabaseSheetProps = {
  /** It is made for this site. */
  readonly site?: Site;
  /** Those that run: one of them gets it. */
  readonly servers: readonly DatabaseServer[];
  readonly onDone?: (database: Database) => void;
  readonly onClose: () => void;
};

/** A database and its user in one step. The password is made here on the server unless somebody brings one. */
export function NewDatabaseSheet({ site: given, servers, onDone, onClose }: NewDatabaseSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const { siteScope } = useMe();
  const create = useCreateDatabase();
  const [name, setName] = useState('');
  const [user, setUser] = useState<string | null>(null);
  const [isOwnPassword, setIsOwnPassword] = useState(false);
  const [password, setPassword] = useState('');
  const [engine, setEngine] = useState<DatabaseEngine>(servers[0]?.engine ?? 'mariadb');
  const [charset, setCharset] = useState<Charset | null>(null);
  const [locale, setLocale] = useState('');
  const [site, setSite] = useState<Site | null>(given ?? null);
  const [isTried, setIsTried] = useState(false);
  // Until somebody writes another one, the user is called like the database.
  const shownUser = user ?? name.slice(0, 32);
  const charsets: readonly [Charset, ...Charset[]] = charsetsOf[engine];
  const locales = servers.find((server) => server.engine === engine)?.locales ?? [];
  const isSiteNeeded = siteScope === 'assigned';

  const own: Record<string, string> = {};
  const check = (field: keyof typeof databaseProblems, value: string): void => {
    const problem = value === '' ? 'required' : databaseProblems[field](value);
    if (problem !== undefined) own[field] = fieldText(t, problem);
  };
  check('name', name);
  check('user', shownUser);
  if (isOwnPassword) check('password', password);
  if (isSiteNeeded && site === null) own['siteId'] = fieldText(t, 'required');

  const said = create.isError ? fieldErrors(create.error) : {};
  const errorOf = (field: string): string | undefined => (isTried ? own[field] : undefined) ?? said[field];
  const isOther = create.isError && toApiError(create.error).fields.length === 0;
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
    const body = {
      engine,
      name,
      user: shownUser,
      charset: charset ?? charsets[0],
      ...(engine === 'postgresql' && locale !== '' ? { locale } : {}),
      siteId: site?.id ?? null,
      ...(isOwnPassword ? { password } : {}),
    };
    create.mutate(body, {
      onSuccess: (database) => {
        sayDone(t('databases.created', { name: database.name }));
        onDone?.(database);
        onClose();
      },
    });
  };
  const plain = { dir: 'ltr', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  return (
    <SideSheet
      title={t('databases.newTitle')}
      onClose={create.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={create.isPending}>
            {t('databases.create')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={create.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="lg">
          {isOther && (
            <Notice tone="bad" role="alert" title={t('databases.createFailed')}>
              {errorText(create.error)}
            </Notice>
          )}
          {servers.length > 1 && (
            <NativeSelect
              label={t('databases.fields.engine')}
              description={t('databases.fields.engineHint')}
              value={engine}
              onChange={(event) => {
                const chosen = servers.find((server) => server.engine === event.currentTarget.value);
                if (chosen === undefined) return;
                edit(setEngine)(chosen.engine);
                setCharset(null);
                setLocale('');
              }}
              data={servers.map((server) => ({ value: server.engine, label: engineTitles[server.engine] }))}
              maw={220}
            />
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
          <Switch
            label={t('databases.fields.ownPassword')}
            description={t('databases.fields.ownPasswordHint')}
            checked={isOwnPassword}
            onChange={(event) => edit(setIsOwnPassword)(event.currentTarget.checked)}
          />
          {isOwnPassword && (
            <PasswordField
              label={t('databases.fields.password')}
              description={t('databases.fields.passwordHint')}
              value={password}
              onChange={(event) => edit(setPassword)(event.currentTarget.value)}
              error={errorOf('password')}
              dir="ltr"
              autoComplete="new-password"
              maxLength={140}
            />
          )}
          {given === undefined && (
            <SiteChoice
              label={t('databases.fields.site')}
              description={t(isSiteNeeded ? 'databases.fields.siteNeeded' : 'databases.fields.siteHint')}
              value={site}
              onChange={edit(setSite)}
              error={errorOf('siteId')}
              isRequired={isSiteNeeded}
            />
          )}
          <NativeSelect
            label={t('databases.fields.charset')}
            description={t(`databases.fields.charsetHint.${engine}`)}
            value={charset ?? charsets[0]}
            onChange={(event) => {
              const chosen = charsets.find((each) => each === event.currentTarget.value);
              if (chosen !== undefined) edit(setCharset)(chosen);
            }}
            error={errorOf('charset')}
            data={charsets.map((value) => ({ value, label: value }))}
            maw={220}
            dir="ltr"
          />
          {engine === 'postgresql' && (
            <NativeSelect
              label={t('databases.fields.locale')}
              description={t('databases.fields.localeHint')}
              value={locale}
              onChange={(event) => edit(setLocale)(event.currentTarget.value)}
              error={errorOf('locale')}
              data={[
                { value: '', label: t('databases.fields.localeUsual') },
                // Those of the machine belong to UTF8; C is for every encoding.
                ...['C', ...((charset ?? charsets[0]) === 'UTF8' ? locales : [])]
                  .filter((value, index, all) => all.indexOf(value) === index)
                  .map((value) => ({ value, label: value })),
              ]}
              maw={320}
            />
          )}
        </Stack>
      </form>
    </SideSheet>
  );
}

import { Button, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { databaseProblems } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useChangeOwner } from './changes.queries.ts';
import type { Database } from './databases.queries.ts';
import classes from './Imports.module.css';

/** Another role that has a database of PostgreSQL: a new one, or one that is there. */
export function OwnerSheet({ database, onClose }: { readonly database: Database; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const { id, name } = database;
  const change = useChangeOwner(id ?? '');
  const [user, setUser] = useState('');
  const [isThere, setIsThere] = useState(false);
  const [password, setPassword] = useState('');
  const [isTried, setIsTried] = useState(false);
  const problem = databaseProblems.user(user);
  const isPasswordWrong = isThere && databaseProblems.password(password) !== undefined;
  const said = change.isError ? fieldErrors(change.error) : {};
  const isSaid = said['user'] !== undefined || (isThere && said['password'] !== undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (problem !== undefined || isPasswordWrong || change.isPending) return;
    finish(
      change,
      { user, password: isThere ? password : null },
      {
        onSuccess: () => {
          sayDone(t('databaseChanges.owner.done', { name, user }));
          onClose();
        },
      },
    );
  };
  return (
    <SideSheet
      title={t('databaseChanges.owner.title', { name })}
      onClose={onClose}
      footer={
        <Button type="submit" form="change-owner" disabled={database.state !== 'ready'} loading={change.isPending}>
          {t('databaseChanges.owner.start')}
        </Button>
      }
    >
      <form id="change-owner" onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="lg">
          <p className={classes.text}>{t('databaseChanges.owner.lead', { user: database.user ?? '' })}</p>
          {change.isError && !isSaid && (
            <Notice tone="bad" role="alert" title={t('databaseChanges.owner.failed')}>
              {errorText(change.error)}
            </Notice>
          )}
          <TextInput
            label={t('databaseChanges.owner.user')}
            description={t('databaseChanges.owner.userHint')}
            value={user}
            onChange={(event) => {
              setUser(event.currentTarget.value.trim());
              change.reset();
            }}
            error={isTried && problem !== undefined ? fieldText(t, problem) : said['user']}
            dir="ltr"
            maxLength={40}
            spellCheck={false}
            data-autofocus
          />
          <Switch
            label={t('databaseChanges.owner.isThere')}
            description={t('databaseChanges.owner.isThereHint')}
            checked={isThere}
            onChange={(event) => setIsThere(event.currentTarget.checked)}
          />
          {isThere && (
            <PasswordField
              label={t('databaseChanges.owner.password')}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={isTried && isPasswordWrong ? fieldText(t, 'database_password_invalid') : said['password']}
              dir="ltr"
              autoComplete="current-password"
              maxLength={140}
            />
          )}
          <Notice tone="warn" title={t('databaseChanges.rename.cutTitle')}>
            {t('databaseChanges.owner.cutText')}
          </Notice>
        </Stack>
      </form>
    </SideSheet>
  );
}

import { Button, Stack, Switch } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { databaseProblems } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { Connection } from './Connection.tsx';
import { useChangePassword, useLinkDatabase, type Database, type DatabaseServer } from './databases.queries.ts';
import { SiteChoice } from './SiteChoice.tsx';

type DatabaseSheetProps = {
  readonly database: Database;
  readonly server: DatabaseServer | undefined;
  readonly isChangingPassword: boolean;
  readonly onClose: () => void;
};

/** How to reach a database, which site it belongs to, and another password for its user. */
export function DatabaseSheet({ database, server, isChangingPassword, onClose }: DatabaseSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayManage = useCan()('databases.manage');
  const [password, setPassword] = useState<string | null>(null);
  const [isChanging, setIsChanging] = useState(isChangingPassword);
  const { id, name, site } = database;
  const link = useLinkDatabase(id ?? '');
  if (id === null) return null;
  const isReady = database.state === 'ready' && mayManage;
  return (
    <SideSheet title={<Token mono>{name}</Token>} onClose={onClose}>
      <Stack gap="xl">
        <Connection database={{ ...database, id }} server={server} password={password} />
        <SiteChoice
          label={t('databases.fields.site')}
          description={t('databases.fields.linkHint')}
          value={site}
          disabled={!isReady || link.isPending}
          onChange={(next) =>
            finish(link, next?.id ?? null, {
              onSuccess: () => sayDone(t('databases.linked', { name })),
              onError: (error) => sayFailed(t('databases.linkFailed'), errorText(error)),
            })
          }
        />
        {isChanging ? (
          <ChangePassword
            databaseId={id}
            onDone={(next) => {
              setPassword(next);
              setIsChanging(false);
            }}
          />
        ) : (
          <div>
            <Button variant="default" disabled={!isReady} onClick={() => setIsChanging(true)}>
              {t('databases.changePassword')}
            </Button>
          </div>
        )}
      </Stack>
    </SideSheet>
  );
}

function ChangePassword({
  databaseId,
  onDone,
}: {
  readonly databaseId: string;
  readonly onDone: (password: string) => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const change = useChangePassword(databaseId);
  const [isOwn, setIsOwn] = useState(false);
  const [text, setText] = useState('');
  const [isTried, setIsTried] = useState(false);
  const isWrong = isOwn && databaseProblems.password(text) !== undefined;
  const said = change.isError ? fieldErrors(change.error)['password'] : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (isWrong || change.isPending) return;
    finish(change, isOwn ? text : null, {
      onSuccess: (password) => {
        sayDone(t('databases.passwordChanged'));
        onDone(password);
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="md">
        <Notice tone="warn" title={t('databases.changeTitle')}>
          {t('databases.changeText')}
        </Notice>
        {change.isError && said === undefined && (
          <Notice tone="bad" role="alert" title={t('databases.changeFailed')}>
            {errorText(change.error)}
          </Notice>
        )}
        <Switch
          label={t('databases.fields.ownPassword')}
          description={t('databases.fields.ownPasswordHint')}
          checked={isOwn}
          onChange={(event) => setIsOwn(event.currentTarget.checked)}
        />
        {isOwn && (
          <PasswordField
            label={t('databases.fields.password')}
            description={t('databases.fields.passwordHint')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={isTried && isWrong ? fieldText(t, 'database_password_invalid') : said}
            dir="ltr"
            autoComplete="new-password"
            maxLength={140}
          />
        )}
        <div>
          <Button type="submit" color="red" loading={change.isPending}>
            {t('databases.changeNow')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

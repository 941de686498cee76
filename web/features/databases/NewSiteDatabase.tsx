import { Stack, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { databasesQuery } from './databases.queries.ts';

type NewSiteDatabaseProps = {
  readonly isWanted: boolean;
  readonly name: string;
  readonly user: string;
  readonly onChange: (change: { hasDatabase?: boolean; databaseName?: string; databaseUser?: string }) => void;
  readonly errors: { readonly name: string | undefined; readonly user: string | undefined };
};

/** Within the form of a new site: a database that is made with it. Whoever may not make one does not see it. */
export function NewSiteDatabase({ isWanted, name, user, onChange, errors }: NewSiteDatabaseProps) {
  const { t } = useTranslation();
  const can = useCan();
  const isAllowed = can('databases.manage') && can('databases.read');
  const { data } = useQuery({ ...databasesQuery, enabled: isAllowed });
  if (!isAllowed) return null;
  const isRunning = data?.servers.some(({ engine, state }) => engine === 'mariadb' && state === 'running') === true;
  const plain = { dir: 'ltr', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  return (
    <Stack gap="md">
      <Switch
        label={t('databases.withSite.label')}
        description={t(data !== undefined && !isRunning ? 'databases.withSite.noServer' : 'databases.withSite.text')}
        checked={isWanted && isRunning}
        disabled={!isRunning}
        onChange={(event) => onChange({ hasDatabase: event.currentTarget.checked })}
      />
      {isWanted && isRunning && (
        <>
          <TextInput
            label={t('databases.fields.name')}
            description={t('databases.fields.nameHint')}
            value={name}
            onChange={(event) => onChange({ databaseName: event.currentTarget.value })}
            error={errors.name}
            maxLength={80}
            {...plain}
          />
          <TextInput
            label={t('databases.withSite.user')}
            description={t('databases.fields.userHint')}
            value={user}
            onChange={(event) => onChange({ databaseUser: event.currentTarget.value })}
            error={errors.user}
            maxLength={40}
            {...plain}
          />
        </>
      )}
    </Stack>
  );
}

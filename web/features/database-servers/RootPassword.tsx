import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DatabaseEngine } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { useSetRootPassword } from './database-servers.queries.ts';
import { NewPassword } from './NewPassword.tsx';

/** A password for the superuser, for tools that cannot come in over the socket. */
export function RootPassword({ engine }: { readonly engine: DatabaseEngine }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const set = useSetRootPassword(engine);
  const [isAsking, setIsAsking] = useState(false);
  const [password, setPassword] = useState<string | null>(null);
  const user = engine === 'mariadb' ? 'root' : 'postgres';
  return (
    <Section
      title={t('databaseServers.root.title', { user })}
      description={t('databaseServers.root.text')}
      actions={
        <Button variant="default" size="xs" onClick={() => setIsAsking(true)}>
          {t('databaseServers.root.set')}
        </Button>
      }
    >
      {password === null ? null : <NewPassword password={password} />}
      <ConfirmDialog
        isOpen={isAsking}
        title={t('databaseServers.root.ask', { user })}
        confirmLabel={t('databaseServers.root.confirm')}
        isBusy={set.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          finish(set, undefined, {
            onSuccess: setPassword,
            onError: (error) => {
              const text = errorText(error);
              if (text !== '') sayFailed(t('databaseServers.root.failed'), text);
            },
            onSettled: () => setIsAsking(false),
          })
        }
      >
        {t('databaseServers.root.askText')}
      </ConfirmDialog>
    </Section>
  );
}

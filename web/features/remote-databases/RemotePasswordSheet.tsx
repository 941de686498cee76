import { Button, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useChangeRemotePassword, type RemoteDatabase, type RemoteServer } from './remote-databases.queries.ts';
import { ShownPassword } from './ShownPassword.tsx';

type Props = { readonly server: RemoteServer; readonly database: RemoteDatabase; readonly onClose: () => void };

/** Another password, made on this machine and shown this once. */
export function RemotePasswordSheet({ server, database, onClose }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const change = useChangeRemotePassword(server.serverId, database.databaseId ?? '');
  return (
    <SideSheet
      title={t('databases.changePassword')}
      onClose={change.isPending ? () => undefined : onClose}
      footer={<Button onClick={onClose}>{t('common.actions.close')}</Button>}
    >
      <Stack gap="lg">
        {change.data === undefined ? (
          <>
            <Notice tone="warn" title={t('databases.changeTitle')}>
              {t('databases.changeText')}
            </Notice>
            {change.isError && (
              <Notice tone="bad" role="alert" title={t('databases.changeFailed')}>
                {errorText(change.error)}
              </Notice>
            )}
            <div>
              <Button color="red" loading={change.isPending} onClick={() => change.mutate()}>
                {t('databases.changeNow')}
              </Button>
            </div>
          </>
        ) : (
          <ShownPassword server={server} name={database.name} user={database.user ?? ''} password={change.data} />
        )}
      </Stack>
    </SideSheet>
  );
}

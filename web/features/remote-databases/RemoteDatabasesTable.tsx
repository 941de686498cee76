import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconKey, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from '../databases/Databases.module.css';
import type { RemoteDatabase, RemoteServer } from './remote-databases.queries.ts';

const RemotePasswordSheet = lazy(async () => ({
  default: (await import('./RemotePasswordSheet.tsx')).RemotePasswordSheet,
}));
const DeleteRemoteDatabase = lazy(async () => ({
  default: (await import('./DeleteRemoteDatabase.tsx')).DeleteRemoteDatabase,
}));
const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;
const tones = { foreign: 'idle', missing: 'bad' } as const;

type Open = { readonly id: string; readonly what: 'password' | 'delete' };
type Props = { readonly server: RemoteServer; readonly items: readonly RemoteDatabase[] };

export function RemoteDatabasesTable({ server, items }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const chosen = items.find(({ databaseId }) => databaseId !== null && databaseId === open?.id);
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            {(['name', 'user', 'size'] as const).map((column) => (
              <th key={column} scope="col">
                {t(`databases.columns.${column}`)}
              </th>
            ))}
            <td aria-hidden />
          </tr>
        </thead>
        <tbody>
          {items.map(({ databaseId, name, user, charset, sizeBytes, tables, state }) => (
            <tr key={databaseId ?? `foreign ${name}`}>
              <td className={classes.what}>
                <ForeignText mono>{name}</ForeignText>
                <span className={classes.soft}>
                  <ForeignText>{charset ?? ''}</ForeignText>
                </span>
                {state !== 'ready' && state !== 'unknown' && (
                  <span className={classes.soft}>
                    <Status tone={state === 'foreign' || state === 'missing' ? tones[state] : 'busy'}>
                      {t(`databases.states.${state}`)}
                    </Status>
                  </span>
                )}
              </td>
              <td>
                {user === null ? (
                  <span className={classes.soft}>{t('databases.noUser')}</span>
                ) : (
                  <Token mono>{server.usersHost === '' ? user : `${user}@${server.usersHost}`}</Token>
                )}
              </td>
              <td className="numbers">
                {sizeBytes === null ? (
                  <span className={classes.soft}>{t('databases.unknownSize')}</span>
                ) : (
                  <>
                    {format.bytes(sizeBytes)}
                    {tables !== null && (
                      <span className={classes.soft}>
                        {t('databases.tables', { count: tables, value: format.number(tables) })}
                      </span>
                    )}
                  </>
                )}
              </td>
              <td className={classes.end}>
                {databaseId !== null && (
                  <Menu width={230}>
                    <Menu.Target>
                      <ActionIcon size="lg" aria-label={t('databases.menu', { name })}>
                        <IconDots size={19} stroke={1.8} />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item
                        leftSection={<IconKey {...icon} />}
                        disabled={state !== 'ready'}
                        onClick={() => setOpen({ id: databaseId, what: 'password' })}
                      >
                        {t('databases.changePassword')}
                      </Menu.Item>
                      <Menu.Item
                        color="red"
                        leftSection={<IconTrash {...icon} />}
                        disabled={state !== 'ready' && state !== 'missing'}
                        onClick={() => setOpen({ id: databaseId, what: 'delete' })}
                      >
                        {t('databases.delete.open')}
                      </Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Suspense>
        {chosen !== undefined && open?.what === 'password' && (
          <RemotePasswordSheet server={server} database={chosen} onClose={close} />
        )}
        {chosen !== undefined && open?.what === 'delete' && (
          <DeleteRemoteDatabase server={server} database={chosen} onClose={close} />
        )}
      </Suspense>
    </>
  );
}

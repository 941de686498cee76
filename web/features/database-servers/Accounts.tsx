import { Button, UnstyledButton } from '@mantine/core';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isWideHost } from '#shared/database-servers.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { accountLabel } from './account-label.ts';
import { accountsQuery, type DatabaseAccount, type ListedAccount } from './database-servers.queries.ts';
import classes from './DatabaseServers.module.css';
import { RootPassword } from './RootPassword.tsx';

const AccountSheet = lazy(async () => ({ default: (await import('./AccountSheet.tsx')).AccountSheet }));
const NewAccountSheet = lazy(async () => ({ default: (await import('./NewAccountSheet.tsx')).NewAccountSheet }));

/** Everybody who may come in to a server. */
export function Accounts({ engine }: { readonly engine: DatabaseEngine }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(accountsQuery(engine));
  const [openId, setOpenId] = useState<string | null>(null);
  const [isMaking, setIsMaking] = useState(false);
  const chosen = data?.items.find(({ id }) => id === openId);
  return (
    <>
      <Section
        title={t('databaseServers.accounts.title')}
        description={t('databaseServers.accounts.text')}
        padding="flush"
        actions={
          <Button
            size="xs"
            disabled={data === undefined}
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => setIsMaking(true)}
          >
            {t('databaseServers.accounts.new')}
          </Button>
        }
      >
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={4} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : data.items.length === 0 ? (
          <EmptyState icon={IconUsers} title={t('databaseServers.accounts.none')} />
        ) : (
          <ul className={classes.list}>
            {data.items.map((account) => (
              <li key={account.id} className={classes.row}>
                <div className={classes.place}>
                  <UnstyledButton className={classes.open} onClick={() => setOpenId(account.id)}>
                    <ForeignText mono>{accountLabel(account)}</ForeignText>
                  </UnstyledButton>
                  <Rights account={account} />
                </div>
                <AccountMarks account={account} />
              </li>
            ))}
          </ul>
        )}
      </Section>
      <RootPassword engine={engine} />
      <Suspense>
        {isMaking && <NewAccountSheet engine={engine} onClose={() => setIsMaking(false)} />}
        {chosen !== undefined && (
          <AccountSheet
            key={chosen.id}
            engine={engine}
            account={chosen}
            databases={data?.databases ?? []}
            onClose={() => setOpenId(null)}
          />
        )}
      </Suspense>
    </>
  );
}

/** In short, on which databases it may do what. */
function Rights({ account: { isSystem, rights } }: { readonly account: ListedAccount }) {
  const { t } = useTranslation();
  if (isSystem || rights === null) return null;
  const { items, more } = rights;
  if (items.length === 0) return <span className={classes.soft}>{t('databaseServers.rights.none')}</span>;
  return (
    <ul className={classes.rightsList}>
      {items.map(({ database, may }) => (
        <li key={database}>
          {database === '*' ? (
            t('databaseServers.grants.server')
          ) : (
            <>
              <ForeignText mono max={40}>
                {database}
              </ForeignText>
              {': '}
              {t(`databaseServers.rights.${may}`)}
            </>
          )}
        </li>
      ))}
      {more > 0 && <li>{t('databaseServers.rights.more', { count: more })}</li>}
    </ul>
  );
}

function AccountMarks({ account }: { readonly account: DatabaseAccount }) {
  const { t } = useTranslation();
  const { isSystem, isLocked, requiresTls, databaseId, host, hasPassword } = account;
  return (
    <span className={classes.marks}>
      {isSystem && <Status tone="idle">{t('databaseServers.accounts.system')}</Status>}
      {databaseId !== null && <Status tone="good">{t('databaseServers.accounts.ofDatabase')}</Status>}
      {host !== null && isWideHost(host) && <Status tone="warn">{t('databaseServers.accounts.wide')}</Status>}
      {!hasPassword && !isSystem && <Status tone="warn">{t('databaseServers.accounts.noPassword')}</Status>}
      {isLocked && <Status tone="bad">{t('databaseServers.accounts.locked')}</Status>}
      {requiresTls && <Status tone="good">{t('databaseServers.accounts.tls')}</Status>}
    </span>
  );
}

import { Button, SegmentedControl, UnstyledButton } from '@mantine/core';
import { IconPlus, IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineAccount, MachineAccounts } from '#shared/machine-accounts.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from '../services/Services.module.css';
import { AccountSheet } from './AccountSheet.tsx';
import { AccountState } from './AccountState.tsx';
import { GroupsSection } from './GroupsSection.tsx';
import { machineAccountsQuery } from './machine-accounts.queries.ts';
import own from './MachineAccounts.module.css';
import { NewAccountSheet } from './NewAccountSheet.tsx';
import { useWhyNot } from './use-why-not.ts';

/** Users and groups of the machine. */
export function MachineAccountsSections() {
  const { data, error, refetch } = useQuery(machineAccountsQuery);
  if (data !== undefined)
    return (
      <>
        <AccountsSection accounts={data} />
        <GroupsSection accounts={data} />
      </>
    );
  return (
    <Section padding="flush">
      {error === null ? <LoadingRows rows={4} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Section>
  );
}

function AccountsSection({ accounts }: { readonly accounts: MachineAccounts }) {
  const { t } = useTranslation();
  const whyNot = useWhyNot(accounts);
  const [shown, setShown] = useState<'people' | 'all'>('people');
  const [open, setOpen] = useState<string | null>(null);
  const [isAdding, setIsAdding] = useState(false);
  const items = accounts.items.filter(
    ({ kind, canSignIn }) => shown === 'all' || kind === 'person' || canSignIn || kind === 'root',
  );
  return (
    <Section
      title={t('machineAccounts.title')}
      description={t('machineAccounts.text')}
      padding="flush"
      actions={
        <WhyNot reason={whyNot}>
          <Button
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={whyNot !== false}
            onClick={() => setIsAdding(true)}
          >
            {t('machineAccounts.add')}
          </Button>
        </WhyNot>
      }
    >
      <div className={own.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t('services.show')}
          value={shown}
          onChange={(value) => setShown(value === 'all' ? 'all' : 'people')}
          data={[
            { value: 'people', label: t('machineAccounts.people') },
            { value: 'all', label: t('services.filters.all') },
          ]}
        />
        {accounts.tools !== 'ready' && <span className={own.why}>{t(`machineAccounts.tools.${accounts.tools}`)}</span>}
      </div>
      {items.length === 0 ? (
        <EmptyState icon={IconUserOff} title={t('machineAccounts.none')} />
      ) : (
        <AccountsTable items={items} onOpen={setOpen} />
      )}
      {isAdding && (
        <NewAccountSheet
          accounts={accounts}
          onClose={() => setIsAdding(false)}
          onMade={(name) => {
            setIsAdding(false);
            setOpen(name);
          }}
        />
      )}
      {open !== null && <AccountSheet name={open} accounts={accounts} onClose={() => setOpen(null)} />}
    </Section>
  );
}

type TableProps = { readonly items: readonly MachineAccount[]; readonly onOpen: (name: string) => void };

function AccountsTable({ items, onOpen }: TableProps) {
  const { t } = useTranslation();
  return (
    <table className={classes.table} data-kind="accounts">
      <thead>
        <tr>
          {(['name', 'kind', 'uid', 'groups', 'shell'] as const).map((column) => (
            <th key={column} scope="col" data-column={column}>
              {t(`machineAccounts.columns.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((account) => (
          <tr key={`${account.uid} ${account.name}`} className={classes.row}>
            <td className={classes.main} data-column="name">
              <UnstyledButton
                className={`${classes.name} ${own.open}`}
                title={t('machineAccounts.open', { name: account.name })}
                onClick={() => onOpen(account.name)}
              >
                <Token>{account.name}</Token>
              </UnstyledButton>
              {account.fullName === '' ? (
                <span className={classes.sub} dir="ltr">
                  {account.home}
                </span>
              ) : (
                <span className={classes.sub}>
                  <bdi>{account.fullName}</bdi>
                </span>
              )}
            </td>
            <td data-column="kind">
              <AccountState account={account} />
            </td>
            <td data-column="uid">
              <Token>{String(account.uid)}</Token>
            </td>
            <td data-column="groups" className={own.groups}>
              <Token>{[account.group, ...account.groups].join(' ')}</Token>
            </td>
            <td data-column="shell">
              <Token mono>{account.loginShell}</Token>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

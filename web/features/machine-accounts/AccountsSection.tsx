import { Button, Checkbox, SegmentedControl, TextInput, UnstyledButton } from '@mantine/core';
import { IconPlus, IconSearch, IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineAccount, MachineAccounts } from '#shared/machine-accounts.ts';
import { ColumnsButton } from '../../ui/lists/ColumnsButton.tsx';
import { useListColumns } from '../../ui/lists/list-columns.ts';
import { inOrder, listPageSize, pageOf } from '../../ui/lists/list-order.ts';
import { changedSearch, type ListChange, type SortOrder } from '../../ui/lists/list-search.ts';
import { SortHeads } from '../../ui/lists/SortHeads.tsx';
import { SortMenu } from '../../ui/lists/SortMenu.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from '../services/Services.module.css';
import { accountValue, firstOrder } from './accounts-order.ts';
import { accountSorts, type AccountSort } from './accounts-search.ts';
import { AccountSheet } from './AccountSheet.tsx';
import { AccountState } from './AccountState.tsx';
import { GroupsSection } from './GroupsSection.tsx';
import { machineAccountsQuery } from './machine-accounts.queries.ts';
import own from './MachineAccounts.module.css';
import { NewAccountSheet } from './NewAccountSheet.tsx';
import { useWhyNot } from './use-why-not.ts';

const route = getRouteApi('/signed-in/services/machine');
const AccountsBatch = lazy(async () => ({ default: (await import('./AccountsBatch.tsx')).AccountsBatch }));

/** Columns that can be left out. */
const accountColumns = ['kind', 'uid', 'groups', 'shell'] as const;
type AccountColumn = (typeof accountColumns)[number];

/** Users and groups of the machine. */
export function MachineAccountsSections() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(machineAccountsQuery);
  if (data !== undefined)
    return (
      <>
        <AccountsSection accounts={data} />
        <GroupsSection accounts={data} />
      </>
    );
  return (
    <Section title={t('machineAccounts.title')} padding="flush">
      {error === null ? <LoadingRows rows={4} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Section>
  );
}

function AccountsSection({ accounts }: { readonly accounts: MachineAccounts }) {
  const { t } = useTranslation();
  const whyNot = useWhyNot(accounts);
  const [open, setOpen] = useState<string | null>(null);
  const [isAdding, setIsAdding] = useState(false);
  const columns = useListColumns('machine-accounts', accountColumns);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const navigate = route.useNavigate();
  const { search = '', show, sort = 'kind', order = firstOrder(), page: wantedPage } = route.useSearch();
  const setSearch = (change: ListChange<AccountSort> & { readonly show?: 'all' | undefined }): void =>
    void navigate({ search: (before) => changedSearch(before, change), replace: true });
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const found = accounts.items.filter(
    ({ kind, canSignIn, name, fullName, group, groups }) =>
      (show === 'all' || kind === 'person' || canSignIn || kind === 'root') &&
      [name, fullName, group, ...groups].join('\n').toLowerCase().includes(wanted),
  );
  const byNumber = inOrder(found, accountValue.uid, 'asc');
  const { page, items } = pageOf(inOrder(byNumber, accountValue[sort], order), wantedPage);
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
        <TextInput
          className={own.search}
          size="xs"
          type="search"
          dir="auto"
          value={search}
          onChange={(event) => setSearch({ search: event.currentTarget.value })}
          placeholder={t('machineAccounts.search')}
          aria-label={t('machineAccounts.search')}
          leftSection={<IconSearch size={15} stroke={1.8} aria-hidden />}
          maxLength={200}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('services.show')}
          value={show ?? 'people'}
          onChange={(value) => setSearch({ show: value === 'all' ? 'all' : undefined })}
          data={[
            { value: 'people', label: t('machineAccounts.people') },
            { value: 'all', label: t('services.filters.all') },
          ]}
        />
        <SortMenu
          size="xs"
          choices={accountSorts.filter((each) => each === 'name' || each === sort || columns.shown.includes(each))}
          label={(column) => t(`machineAccounts.columns.${column}`)}
          {...{ sort, order, firstOrder }}
          onChange={(by, to) => setSearch({ sort: by, order: to })}
        />
        <ColumnsButton
          size="xs"
          offered={accountColumns}
          chosen={columns.shown}
          usual={accountColumns}
          label={(column) => t(`machineAccounts.columns.${column}`)}
          onChoose={columns.choose}
        />
        {accounts.tools !== 'ready' && <span className={own.why}>{t(`machineAccounts.tools.${accounts.tools}`)}</span>}
      </div>
      {items.length === 0 ? (
        <EmptyState icon={IconUserOff} title={t(search === '' ? 'machineAccounts.none' : 'machineAccounts.nothing')} />
      ) : (
        <AccountsTable
          items={items}
          columns={columns.shown}
          {...{ sort, order }}
          onSort={(by, to) => setSearch({ sort: by, order: to })}
          picked={whyNot === false ? picked : null}
          onPick={(name) => setPicked((before) => before.symmetricDifference(new Set([name])))}
          onOpen={setOpen}
        />
      )}
      <Pager page={page} pageSize={listPageSize} total={found.length} onPage={(to) => setSearch({ page: to })} />
      {picked.size > 0 && (
        <Suspense>
          <AccountsBatch
            chosen={items.filter(({ name, canChange }) => canChange && picked.has(name))}
            onClear={() => setPicked(new Set())}
          />
        </Suspense>
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

type TableProps = {
  readonly items: readonly MachineAccount[];
  readonly columns: readonly AccountColumn[];
  readonly sort: AccountSort;
  readonly order: SortOrder;
  readonly onSort: (sort: AccountSort, order: SortOrder) => void;
  /** null: nothing can be done with several here. */
  readonly picked: ReadonlySet<string> | null;
  readonly onPick: (name: string) => void;
  readonly onOpen: (name: string) => void;
};

function AccountsTable({ items, columns, sort, order, onSort, picked, onPick, onOpen }: TableProps) {
  const { t } = useTranslation();
  return (
    <table className={classes.table} data-kind="accounts">
      <thead>
        <tr>
          {picked !== null && <td />}
          <SortHeads
            columns={['name', ...columns]}
            label={(column) => t(`machineAccounts.columns.${column}`)}
            {...{ sort, order, firstOrder, onSort }}
          />
        </tr>
      </thead>
      <tbody>
        {items.map((account) => (
          <tr key={`${account.uid} ${account.name}`} className={classes.row}>
            {picked !== null && (
              <td className={own.pick}>
                {account.canChange && (
                  <Checkbox
                    size="xs"
                    radius="sm"
                    aria-label={t('machineAccounts.batch.select', { name: account.name })}
                    checked={picked.has(account.name)}
                    onChange={() => onPick(account.name)}
                  />
                )}
              </td>
            )}
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
            {columns.includes('kind') && (
              <td data-column="kind">
                <AccountState account={account} />
              </td>
            )}
            {columns.includes('uid') && (
              <td data-column="uid">
                <Token>{String(account.uid)}</Token>
              </td>
            )}
            {columns.includes('groups') && (
              <td data-column="groups" className={own.groups}>
                <Token>{[account.group, ...account.groups].join(' ')}</Token>
              </td>
            )}
            {columns.includes('shell') && (
              <td data-column="shell">
                <Token mono>{account.loginShell}</Token>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

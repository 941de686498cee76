import { SegmentedControl } from '@mantine/core';
import { IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineAccount } from '#shared/machine-settings.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from '../services/Services.module.css';
import { machineAccountsQuery } from './machine-settings.queries.ts';

/** Accounts of the machine; those of packages only when they are asked for. */
export function AccountsTable() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(machineAccountsQuery);
  const [shown, setShown] = useState<'people' | 'all'>('people');
  const items = data?.items.filter(({ kind, canSignIn }) => shown === 'all' || kind === 'person' || canSignIn);
  return (
    <Section
      title={t('services.machine.accounts.title')}
      description={t('services.machine.accounts.text')}
      padding="flush"
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t('services.show')}
          value={shown}
          onChange={(value) => setShown(value === 'all' ? 'all' : 'people')}
          data={[
            { value: 'people', label: t('services.machine.accounts.people') },
            { value: 'all', label: t('services.filters.all') },
          ]}
        />
      }
    >
      {items === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : items.length === 0 ? (
        <EmptyState icon={IconUserOff} title={t('services.machine.accounts.none')} />
      ) : (
        <Accounts items={items} />
      )}
    </Section>
  );
}

function Accounts({ items }: { readonly items: readonly MachineAccount[] }) {
  const { t } = useTranslation();
  return (
    <table className={classes.table} data-kind="accounts">
      <thead>
        <tr>
          {(['name', 'kind', 'uid', 'groups', 'shell'] as const).map((column) => (
            <th key={column} scope="col" data-column={column}>
              {t(`services.machine.accounts.columns.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map(({ name, uid, group, groups, home, loginShell, kind, canSignIn }) => (
          <tr key={`${uid} ${name}`} className={classes.row}>
            <td className={classes.main} data-column="name">
              <span className={classes.name} title={name}>
                <Token>{name}</Token>
              </span>
              <span className={classes.sub} dir="ltr">
                {home}
              </span>
            </td>
            <td data-column="kind">
              <Status tone={kind === 'root' ? 'warn' : canSignIn ? 'good' : 'idle'}>
                {t(`services.machine.accounts.kinds.${kind}`)}
              </Status>
            </td>
            <td data-column="uid">
              <Token>{String(uid)}</Token>
            </td>
            <td data-column="groups">
              <Token>{[group, ...groups].join(' ')}</Token>
            </td>
            <td data-column="shell">
              <Token mono>{loginShell}</Token>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

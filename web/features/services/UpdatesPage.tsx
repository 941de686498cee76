import { Button } from '@mantine/core';
import { IconCircleCheck, IconFilterOff, IconPackageOff, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineUpdates } from '#shared/software.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { InstallUpdates } from './InstallUpdates.tsx';
import { SearchField } from './SearchField.tsx';
import { updatesQuery } from './services.queries.ts';
import classes from './Services.module.css';
import { ServicesTabs } from './ServicesTabs.tsx';
import { UpdatesNotices } from './UpdatesNotices.tsx';

/** Updates of the machine's packages that wait, and what they ask for. */
export function UpdatesPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="services.read" title={t('services.title')}>
      <Updates />
    </NeedsPermission>
  );
}

function Updates() {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useState('');
  const { data, error, refetch, isFetching } = useQuery(updatesQuery);
  const check = (): void => void refetch();
  return (
    <Page title={t('services.title')} description={t('services.lead')}>
      <ServicesTabs />
      {data !== undefined && <UpdatesNotices updates={data} />}
      {data !== undefined && <InstallUpdates updates={data} />}
      <div className={classes.bar}>
        <SearchField value={search} onChange={setSearch} />
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={isFetching && data !== undefined}
          onClick={check}
        >
          {t('services.updates.check')}
        </Button>
        {data !== undefined && (
          <p className={`${classes.total} numbers`} role="status">
            {t('services.updates.count', { count: data.items.length, value: format.number(data.items.length) })}
          </p>
        )}
      </div>
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={6} />
          ) : (
            <ErrorState error={error} onRetry={check} />
          )
        ) : (
          <UpdatesTable updates={data} search={search} />
        )}
      </Section>
    </Page>
  );
}

function UpdatesTable({ updates, search }: { readonly updates: MachineUpdates; readonly search: string }) {
  const { t } = useTranslation();
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const shown = useMemo(
    () => updates.items.filter(({ name }) => name.toLowerCase().includes(wanted)),
    [updates, wanted],
  );
  if (!updates.hasApt)
    return (
      <EmptyState icon={IconPackageOff} title={t('services.updates.noApt')} text={t('services.updates.noAptText')} />
    );
  if (updates.items.length === 0)
    return (
      <EmptyState icon={IconCircleCheck} title={t('services.updates.empty')} text={t('services.updates.emptyText')} />
    );
  if (shown.length === 0) return <EmptyState icon={IconFilterOff} title={t('services.updates.nothing')} />;
  return (
    <table className={classes.table} data-kind="updates">
      <thead>
        <tr>
          {(['name', 'kind', 'from', 'to'] as const).map((column) => (
            <th key={column} scope="col" data-column={column}>
              {t(`services.updates.columns.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map(({ name, from, to, isSecurity }) => (
          <tr key={name} className={classes.row}>
            <td className={classes.main} data-column="name">
              <span className={classes.name} title={name}>
                <Token>{name}</Token>
              </span>
            </td>
            <td data-column="kind">
              <Status tone={isSecurity ? 'warn' : 'idle'}>
                {t(isSecurity ? 'services.updates.security' : 'services.updates.other')}
              </Status>
            </td>
            <td data-column="from">{from === null ? t('services.updates.isNew') : <Token mono>{from}</Token>}</td>
            <td data-column="to">
              <Token mono>{to}</Token>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

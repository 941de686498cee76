import { SegmentedControl, Select } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { asTree, inOrder, processSorts, type ProcessSort } from './process-order.ts';
import { ProcessesTable } from './ProcessesTable.tsx';
import { SearchField } from './SearchField.tsx';
import { processesQuery } from './services.queries.ts';
import classes from './Services.module.css';
import { ServicesTabs } from './ServicesTabs.tsx';

/** What runs, and what it uses: in an order, or as a tree of who started whom. */
export function ProcessesPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="services.read" title={t('services.title')}>
      <Processes />
    </NeedsPermission>
  );
}

function Processes() {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<ProcessSort>('cpu');
  const [isTree, setIsTree] = useState(false);
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const { data, error, refetch } = useQuery(processesQuery);
  const placed = useMemo(() => {
    const found = (data?.items ?? []).filter(({ pid, user, command, name }) =>
      `${pid}\n${user}\n${name}\n${command}`.toLowerCase().includes(wanted),
    );
    return isTree ? asTree(found, sort) : inOrder(found, sort);
  }, [data, wanted, sort, isTree]);
  return (
    <Page title={t('services.title')} description={t('services.lead')}>
      <ServicesTabs />
      <div className={classes.bar}>
        <SearchField value={search} onChange={setSearch} />
        <Select
          size="xs"
          w={150}
          aria-label={t('services.processes.sort')}
          value={sort}
          allowDeselect={false}
          data={processSorts.map((value) => ({ value, label: t(`services.processes.columns.${value}`) }))}
          onChange={(value) => setSort(processSorts.find((each) => each === value) ?? 'cpu')}
        />
        <SegmentedControl
          size="xs"
          value={isTree ? 'tree' : 'order'}
          onChange={(value) => setIsTree(value === 'tree')}
          data={(['order', 'tree'] as const).map((value) => ({ value, label: t(`services.processes.${value}`) }))}
          aria-label={t('services.show')}
        />
        {data !== undefined && (
          <p className={`${classes.total} numbers`} role="status">
            {data.total > data.items.length
              ? t('services.processes.cut', { value: format.number(data.items.length) })
              : t('services.processes.count', { count: placed.length, value: format.number(placed.length) })}
          </p>
        )}
      </div>
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={9} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : placed.length === 0 ? (
          <EmptyState icon={IconFilterOff} title={t('services.processes.nothing')} />
        ) : (
          <ProcessesTable placed={placed} />
        )}
      </Section>
    </Page>
  );
}

import { Button, Select } from '@mantine/core';
import { IconArchive, IconFilterOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BackupSet, BackupState } from '#shared/backups.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { readPart } from './backup-names.ts';
import { backupsQuery, setsPageSize, setsQuery } from './backups.queries.ts';
import type { SetsSearch } from './backups-search.ts';
import { BackupsTabs } from './BackupsTabs.tsx';
import classes from './Sets.module.css';
import { SetsTable } from './SetsTable.tsx';

const route = getRouteApi('/signed-in/backups/sets');

/** Every whole backup, newest first; what is shown stands in the address. */
export function SetsPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="backups.read" title={t('backups.sets.title')}>
      <Sets />
    </NeedsPermission>
  );
}

function Sets() {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const { plan, target, part, page = 1 } = route.useSearch();
  const state = useQuery(backupsQuery).data;
  const filters = {
    ...(plan === undefined ? {} : { planId: plan }),
    ...(target === undefined ? {} : { targetId: target }),
    ...(part === undefined ? {} : { part }),
  };
  const { data, error, refetch, isPlaceholderData } = useQuery(setsQuery(filters, page));
  const choose = (search: SetsSearch): void => void navigate({ search, replace: true });
  const turn = (next: number): void => {
    void navigate({ search: (before) => ({ ...before, page: next }) });
    scrollTo({ top: 0 });
  };
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Page title={t('backups.sets.title')} description={t('backups.sets.lead')}>
      <BackupsTabs />
      {state !== undefined && (isFiltered || (data?.total ?? 0) > 0) && (
        <Filters search={{ plan, target, part }} state={state} sets={data?.items ?? []} onChange={choose} />
      )}
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={8} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : data.items.length === 0 ? (
          isFiltered ? (
            <EmptyState
              icon={IconFilterOff}
              title={t('backups.sets.noneMatch')}
              action={
                <Button variant="default" onClick={() => choose({})}>
                  {t('backups.sets.clear')}
                </Button>
              }
            />
          ) : (
            <EmptyState icon={IconArchive} title={t('backups.sets.empty')} text={t('backups.sets.emptyText')} />
          )
        ) : (
          <>
            <SetsTable sets={data.items} targets={state?.targets ?? []} isStale={isPlaceholderData} />
            <Pager page={page} pageSize={setsPageSize} total={data.total} onPage={turn} />
          </>
        )}
      </Section>
    </Page>
  );
}

type Filter = { readonly [K in 'plan' | 'target' | 'part']: string | undefined };
type FiltersProps = {
  readonly search: Filter;
  readonly state: BackupState;
  readonly sets: readonly BackupSet[];
  readonly onChange: (search: SetsSearch) => void;
};

function Filters({ search, state: { plans, targets }, sets, onChange }: FiltersProps) {
  const { t } = useTranslation();
  const parts = new Set(sets.flatMap((set) => set.parts.map(({ name }) => name)));
  if (search.part !== undefined) parts.add(search.part);
  const lists = {
    plan: plans.map(({ id, plan }) => ({ value: id, label: plan.name })),
    target: targets.map(({ id, name }) => ({ value: id, label: name })),
    part: [...parts].sort().map((name) => ({ value: name, label: partTitle(name) })),
  };
  const all = { plan: 'allPlans', target: 'allTargets', part: 'allParts' } as const;
  const labels = { plan: 'filterPlan', target: 'filterTarget', part: 'filterPart' } as const;
  const set = (key: keyof Filter, value: string | null): void => {
    const next = { ...search, [key]: value === null || value === 'all' ? undefined : value };
    onChange(Object.fromEntries(Object.entries(next).filter(([, each]) => each !== undefined)));
  };
  return (
    <div className={classes.filters}>
      {(['plan', 'target', 'part'] as const).map((key) => (
        <Select
          key={key}
          aria-label={t(`backups.sets.${labels[key]}`)}
          value={search[key] ?? 'all'}
          data={[{ value: 'all', label: t(`backups.sets.${all[key]}`) }, ...lists[key]]}
          onChange={(value) => set(key, value)}
          searchable={lists[key].length > 8}
          // A Latin name that is longer than the field shows its beginning.
          dir="auto"
        />
      ))}
    </div>
  );

  function partTitle(name: string): string {
    const { kind, word } = readPart(name);
    const title = t(`backups.parts.${kind}`);
    return word === '' ? title : `${title}: \u2068${word}\u2069`;
  }
}

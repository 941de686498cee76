import { ActionIcon, Box, Button, Tooltip } from '@mantine/core';
import { IconRefresh, IconShieldCheck, IconShieldSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useLook } from '../../ui/LookProvider.tsx';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { AuditDays } from './AuditDays.tsx';
import { AuditExport } from './AuditExport.tsx';
import { AuditFilters } from './AuditFilters.tsx';
import type { AuditSearch } from './audit-search.ts';
import { AuditVerdict } from './AuditVerdict.tsx';
import { auditFilterOf, auditPageSize, auditQuery, useVerifyAudit } from './audit.queries.ts';

const route = getRouteApi('/signed-in/audit');

/** Who did what: newest first, filtered by what stands in the address. */
export function AuditPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="audit.read" title={t('audit.title')}>
      <AuditLog />
    </NeedsPermission>
  );
}

function AuditLog() {
  const { t } = useTranslation();
  const { look } = useLook();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const { page = 1, ...shown } = search;
  const filter = auditFilterOf(search, look.timeZone === 'auto' ? undefined : look.timeZone);
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery(auditQuery(filter, page));
  const verify = useVerifyAudit();
  const isFiltered = Object.keys(shown).length > 0;

  const setSearch = (change: { [K in keyof AuditSearch]?: AuditSearch[K] | undefined }): void =>
    void navigate({ search: ({ page: _page, ...before }) => withoutEmpty({ ...before, ...change }), replace: true });
  const clear = (): void => void navigate({ search: {}, replace: true });
  const turn = (next: number): void => {
    void navigate({ search: (before) => ({ ...before, page: next }) });
    scrollTo({ top: 0 });
  };

  return (
    <Page
      title={t('audit.title')}
      description={t('audit.lead')}
      actions={
        <>
          <Tooltip label={t('audit.verify.hint')}>
            <Button
              variant="default"
              leftSection={<IconShieldCheck size={17} stroke={1.8} aria-hidden />}
              loading={verify.isPending}
              onClick={() => verify.mutate()}
            >
              {t('audit.verify.action')}
            </Button>
          </Tooltip>
          <AuditExport filter={filter} />
          <Tooltip label={t('common.actions.refresh')}>
            <ActionIcon
              size={34}
              variant="default"
              aria-label={t('common.actions.refresh')}
              loading={isFetching && data !== undefined}
              onClick={() => void refetch()}
            >
              <IconRefresh size={17} stroke={1.8} />
            </ActionIcon>
          </Tooltip>
        </>
      }
    >
      <AuditVerdict verdict={verify.data} error={verify.error} />
      <AuditFilters search={search} rows={data?.items ?? []} onChange={setSearch} onClear={isFiltered ? clear : null} />
      {data === undefined && (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={9} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      )}
      {data !== undefined && data.items.length === 0 && (
        <Section padding="flush">
          <EmptyState
            icon={IconShieldSearch}
            title={isFiltered ? t('audit.nothing') : t('audit.empty')}
            text={isFiltered ? t('audit.nothingText') : t('audit.emptyText')}
            action={
              isFiltered && (
                <Button variant="default" onClick={clear}>
                  {t('audit.clearAll')}
                </Button>
              )
            }
          />
        </Section>
      )}
      {data !== undefined && data.items.length > 0 && (
        <Box opacity={isPlaceholderData ? 0.6 : 1} aria-busy={isPlaceholderData}>
          <AuditDays rows={data.items} />
          <Pager page={page} pageSize={auditPageSize} total={data.total} onPage={turn} />
        </Box>
      )}
    </Page>
  );
}

function withoutEmpty(search: { [K in keyof AuditSearch]?: AuditSearch[K] | undefined }): AuditSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''));
}

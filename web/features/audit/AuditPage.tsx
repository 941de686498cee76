import { ActionIcon, Box, Button, Select, Tooltip } from '@mantine/core';
import { IconLock, IconRefresh, IconShieldSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { Page } from '../../ui/Page.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { actionTitle, auditActions } from './audit-actions.ts';
import { AuditDays } from './AuditDays.tsx';
import { auditPageSize, auditQuery } from './audit.queries.ts';

/** Who did what: newest first, by page and action. */
export function AuditPage() {
  const { t } = useTranslation();
  if (useCan()('audit.read')) return <AuditLog />;
  return (
    <Page title={t('audit.title')}>
      <Section padding="flush">
        <EmptyState icon={IconLock} title={t('audit.notAllowed')} text={t('audit.notAllowedText')} />
      </Section>
    </Page>
  );
}

function AuditLog() {
  const { t } = useTranslation();
  const [{ page, action }, setView] = useState<{ readonly page: number; readonly action: string | null }>({
    page: 1,
    action: null,
  });
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery(auditQuery({ page, action }));
  const titles = auditActions
    .map((value) => ({ value, label: actionTitle(t, value) ?? value }))
    .sort((one, other) => one.label.localeCompare(other.label));

  const turn = (next: number): void => {
    setView({ page: next, action });
    scrollTo({ top: 0 });
  };

  return (
    <Page
      title={t('audit.title')}
      description={t('audit.lead')}
      actions={
        <>
          <Select
            aria-label={t('audit.filter')}
            placeholder={t('audit.allActions')}
            data={titles}
            value={action}
            onChange={(value) => setView({ page: 1, action: value })}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('audit.clearFilter') }}
            nothingFoundMessage={t('common.states.noResults')}
            w={250}
          />
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
      {data === undefined && (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={9} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      )}
      {data !== undefined && data.items.length === 0 && (
        <Section padding="flush">
          <EmptyState
            icon={IconShieldSearch}
            title={action === null ? t('audit.empty') : t('audit.nothing')}
            text={action === null ? t('audit.emptyText') : t('audit.nothingText')}
            action={
              action !== null && (
                <Button variant="default" onClick={() => setView({ page: 1, action: null })}>
                  {t('audit.clearFilter')}
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

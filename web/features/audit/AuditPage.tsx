import { ActionIcon, Box, Button, Group, Select, Text, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconLock, IconRefresh, IconShieldSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Page } from '../../ui/Page.tsx';
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
          <Pages page={page} total={data.total} onPage={(next) => setView({ page: next, action })} />
        </Box>
      )}
    </Page>
  );
}

type PagesProps = { readonly page: number; readonly total: number; readonly onPage: (page: number) => void };

function Pages({ page, total, onPage }: PagesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const last = Math.max(1, Math.ceil(total / auditPageSize));
  const from = (page - 1) * auditPageSize + 1;
  const to = Math.min(total, page * auditPageSize);
  const turn = (next: number): void => {
    onPage(next);
    document.getElementById('content')?.scrollIntoView({ block: 'start' });
  };
  return (
    <Group component="nav" justify="space-between" mt="md" aria-label={t('audit.pages')}>
      <Text size="sm" c="dimmed" className="numbers" role="status">
        {t('common.pagination.range', {
          from: format.number(from),
          to: format.number(to),
          total: format.number(total),
        })}
      </Text>
      {last > 1 && (
        <Group gap="xs">
          <Button
            variant="default"
            disabled={page <= 1}
            onClick={() => turn(page - 1)}
            leftSection={<IconChevronLeft size={16} className="mirrored" aria-hidden />}
          >
            {t('common.pagination.previous')}
          </Button>
          <Button
            variant="default"
            disabled={page >= last}
            onClick={() => turn(page + 1)}
            rightSection={<IconChevronRight size={16} className="mirrored" aria-hidden />}
          >
            {t('common.pagination.next')}
          </Button>
        </Group>
      )}
    </Group>
  );
}

import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from './format.ts';

type PagerProps = {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
};

/** Which part of a list is shown, and the way to the parts beside it. Nothing when one page holds all. */
export function Pager({ page, pageSize, total, onPage }: PagerProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (total <= pageSize && page === 1) return null;
  const from = Math.min(total, (page - 1) * pageSize + 1);
  const to = Math.min(total, page * pageSize);
  return (
    <Group justify="space-between" px="lg" py="sm" wrap="nowrap" component="nav">
      <Text size="sm" c="dimmed" className="numbers" aria-live="polite">
        {t('common.pagination.range', {
          from: format.number(from),
          to: format.number(to),
          total: format.number(total),
        })}
      </Text>
      <Group gap={4} wrap="nowrap">
        <Tooltip label={t('common.pagination.previous')}>
          <ActionIcon
            size="lg"
            variant="default"
            aria-label={t('common.pagination.previous')}
            disabled={page <= 1}
            onClick={() => onPage(page - 1)}
          >
            <IconChevronLeft size={17} className="mirrored" />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('common.pagination.next')}>
          <ActionIcon
            size="lg"
            variant="default"
            aria-label={t('common.pagination.next')}
            disabled={to >= total}
            onClick={() => onPage(page + 1)}
          >
            <IconChevronRight size={17} className="mirrored" />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}

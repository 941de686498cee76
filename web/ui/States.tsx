import { Box, Button, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../api/errors.ts';
import { useErrorText } from './error-text.ts';
import classes from './States.module.css';
import { Token } from './Token.tsx';

type EmptyProps = {
  readonly icon: Icon;
  readonly title: string;
  readonly text?: ReactNode;
  readonly action?: ReactNode;
};

/** Nothing here yet: what this place is for, and the one thing to do. */
export function EmptyState({ icon: EmptyIcon, title, text, action }: EmptyProps) {
  return (
    <Stack align="center" gap="sm" className={classes.state}>
      <ThemeIcon size={56} radius="xl" variant="light" color="brand">
        <EmptyIcon size={28} stroke={1.6} />
      </ThemeIcon>
      <Title order={2} size="h3">
        {title}
      </Title>
      {text !== undefined && (
        <Text c="dimmed" size="sm" ta="center" maw={440} component="div">
          {text}
        </Text>
      )}
      {action !== undefined && <Box mt="xs">{action}</Box>}
    </Stack>
  );
}

/** What went wrong, what is true now, and a way on. */
export function ErrorState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const { code, requestId } = toApiError(error);
  const ErrorIcon = code === 'offline' ? IconCloudOff : IconAlertTriangle;
  return (
    <Stack align="center" gap="sm" className={classes.state} role="alert">
      <ThemeIcon size={56} radius="xl" variant="light" color="red">
        <ErrorIcon size={28} stroke={1.6} />
      </ThemeIcon>
      <Title order={2} size="h3">
        {t('common.failure.title')}
      </Title>
      <Text c="dimmed" size="sm" ta="center" maw={480}>
        {text(error)}
      </Text>
      {requestId !== undefined && (
        <Text c="dimmed" size="xs">
          <Token mono>{requestId}</Token>
        </Text>
      )}
      {onRetry !== undefined && (
        <Button variant="default" onClick={onRetry} mt="xs">
          {t('common.actions.retry')}
        </Button>
      )}
    </Stack>
  );
}

/** The shape of rows before they are there. */
export function LoadingRows({ rows = 5 }: { readonly rows?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md" p="lg" aria-busy="true" aria-label={t('common.states.loading')} role="status">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={18} width={`${92 - ((index * 17) % 38)}%`} radius="sm" />
      ))}
    </Stack>
  );
}

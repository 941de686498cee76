import { Button, Center, Code, Stack, Text, Title } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/errors.ts';
import { ErrorState } from '../ui/States.tsx';

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Center mih="60vh" p="xl">
      <Stack align="center" gap="sm">
        <Text fz={56} fw={700} lh={1} c="brand" className="numbers">
          404
        </Text>
        <Title order={1}>{t('common.failure.notFoundTitle')}</Title>
        <Text c="dimmed" ta="center">
          {t('common.failure.notFoundText')}
        </Text>
        <Button component="a" href="/" mt="sm">
          {t('common.failure.toDashboard')}
        </Button>
      </Stack>
    </Center>
  );
}

/** The last catch: a screen that fell over, or the panel out of reach while it loaded. */
export function CrashPage({ error }: { readonly error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  if (error instanceof ApiError) return <ErrorState error={error} onRetry={() => void router.invalidate()} />;
  return (
    <Center mih="60vh" p="xl">
      <Stack align="center" gap="sm" maw={560}>
        <Title order={1}>{t('common.failure.crashTitle')}</Title>
        <Text c="dimmed" ta="center">
          {t('common.failure.crashText')}
        </Text>
        <Code block dir="ltr" w="100%">
          {error instanceof Error ? error.message : String(error)}
        </Code>
        <Button onClick={() => location.reload()} mt="sm">
          {t('common.actions.reload')}
        </Button>
      </Stack>
    </Center>
  );
}

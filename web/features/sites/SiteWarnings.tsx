import { Alert, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { InstallButton } from '../software/InstallButton.tsx';
import type { SiteWarning } from './sites.queries.ts';

/** What went through and still deserves a look, each explained. */
export function SiteWarnings({
  warnings,
  className,
}: {
  readonly warnings: readonly SiteWarning[];
  readonly className?: string | undefined;
}) {
  const { t } = useTranslation();
  if (warnings.length === 0) return null;
  return (
    <Stack gap="xs" w="100%" className={className ?? ''}>
      {warnings.map((warning) => (
        <Alert
          key={warning}
          color="yellow"
          icon={<IconAlertTriangle size={20} />}
          title={t(`sites.warnings.${warning}`)}
        >
          <Text size="sm">{t(`sites.warnings.${warning}Text`)}</Text>
          {warning === 'nginx_missing' && (
            <div style={{ marginBlockStart: 10 }}>
              <InstallButton name="nginx" size="xs" />
            </div>
          )}
        </Alert>
      ))}
    </Stack>
  );
}

import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
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
        <Notice
          key={warning}
          tone="warn"
          title={t(`sites.warnings.${warning}`)}
          actions={warning === 'nginx_missing' ? <InstallButton name="nginx" size="xs" /> : undefined}
        >
          {t(`sites.warnings.${warning}Text`)}
        </Notice>
      ))}
    </Stack>
  );
}

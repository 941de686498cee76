import { Button, Menu } from '@mantine/core';
import { IconBraces, IconChevronDown, IconTable } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { auditExportUrl, type auditFilterOf } from './audit.queries.ts';

/** The filtered log as a file. */
export function AuditExport({ filter }: { readonly filter: ReturnType<typeof auditFilterOf> }) {
  const { t } = useTranslation();
  return (
    <Menu width={230}>
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />}>
          {t('audit.export.action')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('audit.export.hint')}</Menu.Label>
        {(['csv', 'json'] as const).map((format) => {
          const FormatIcon = format === 'csv' ? IconTable : IconBraces;
          return (
            <Menu.Item
              key={format}
              component="a"
              href={auditExportUrl(filter, format)}
              download
              leftSection={<FormatIcon size={17} stroke={1.7} aria-hidden />}
            >
              {t(`audit.export.${format}`)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

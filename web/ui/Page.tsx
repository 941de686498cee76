import { Anchor, Box, Group, Text, Title } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Page.module.css';

type PageProps = {
  readonly title: string;
  /** Shown in place of the plain title, for example a name with a status beside it. */
  readonly heading?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly back?: {
    readonly to: '/' | '/sites' | '/jobs' | '/history' | '/databases' | '/databases/remote' | '/cron' | '/backups/sets';
    readonly label: string;
  };
  /** `narrow` for forms and reading. */
  readonly width?: 'wide' | 'narrow';
  readonly children: ReactNode;
};

/** The frame of every screen: one heading, its actions, the content. */
export function Page({ title, heading, description, actions, back, width = 'wide', children }: PageProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('common.productName')}`;
  }, [title, t]);
  return (
    <Box className={classes.page} data-width={width}>
      {back !== undefined && (
        <Anchor component={Link} to={back.to} className={classes.back} underline="never">
          {/* "Back" points against the direction of reading. */}
          <IconChevronLeft size={16} className="mirrored" aria-hidden />
          {back.label}
        </Anchor>
      )}
      <Group justify="space-between" align="flex-start" wrap="wrap" gap="md" className={classes.header}>
        <Box miw={0} flex="1 1 260px">
          <Title order={1}>{heading ?? title}</Title>
          {description !== undefined && (
            <Text component="div" c="dimmed" size="sm" mt={4}>
              {description}
            </Text>
          )}
        </Box>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Box>
  );
}

import { ActionIcon, Box, Burger, Group, Indicator, Kbd, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconChecklist, IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../ui/format.ts';
import { AccountMenu } from './AccountMenu.tsx';
import { ElevationBadge } from './ElevationBadge.tsx';
import { useOpenJobCount } from './job-notices.ts';
import { NoticesMenu } from './NoticesMenu.tsx';
import { openJobs, openPalette } from './panels.ts';
import { ThemeMenu } from './ThemeMenu.tsx';
import classes from './TopBar.module.css';

export function TopBar({ isMenuOpen, onMenu }: { readonly isMenuOpen: boolean; readonly onMenu: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const openCount = useOpenJobCount();
  const jobsLabel =
    openCount > 0
      ? t('shell.top.jobsRunning', { count: openCount, value: format.number(openCount) })
      : t('shell.top.jobs');
  return (
    <Group className={classes.bar} wrap="nowrap" gap="sm">
      <Burger
        opened={isMenuOpen}
        onClick={onMenu}
        hiddenFrom="sm"
        size="sm"
        aria-label={isMenuOpen ? t('shell.nav.close') : t('shell.nav.open')}
      />
      <UnstyledButton className={classes.search} onClick={openPalette}>
        <IconSearch size={17} stroke={1.8} aria-hidden />
        <Text component="span" size="sm" className={classes.searchText}>
          {t('shell.top.search')}
        </Text>
        <Box component="span" dir="ltr" className={classes.keys} visibleFrom="sm" aria-hidden>
          <Kbd size="xs" ff="text">
            Ctrl
          </Kbd>{' '}
          <Kbd size="xs" ff="text">
            K
          </Kbd>
        </Box>
      </UnstyledButton>
      <Group gap={4} wrap="nowrap" ms="auto">
        <ElevationBadge />
        <Tooltip label={jobsLabel}>
          <Indicator disabled={openCount === 0} processing size={8} offset={6} color="brand">
            <ActionIcon size="lg" aria-label={jobsLabel} onClick={() => openJobs()}>
              <IconChecklist size={20} stroke={1.7} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
        <NoticesMenu />
        <ThemeMenu />
        <AccountMenu />
      </Group>
    </Group>
  );
}

import { ActionIcon, Box, Group, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/session.ts';
import { navGroups, navItems, type NavItem } from '../nav.ts';
import { Logo } from './Logo.tsx';
import classes from './Sidebar.module.css';

type SidebarProps = {
  readonly isNarrow: boolean;
  readonly onNarrow: (isNarrow: boolean) => void;
  readonly onNavigate: () => void;
};

export function Sidebar({ isNarrow, onNarrow, onNavigate }: SidebarProps) {
  const { t } = useTranslation();
  const can = useCan();
  const ToggleIcon = isNarrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const toggleLabel = isNarrow ? t('shell.nav.expand') : t('shell.nav.collapse');
  return (
    <Box className={classes.sidebar} data-narrow={isNarrow || undefined}>
      <Group className={classes.brand} wrap="nowrap" gap={10}>
        <Logo />
        <Text className={classes.name} component="span">
          {t('common.productName')}
        </Text>
        <ActionIcon className={classes.close} hiddenFrom="sm" aria-label={t('shell.nav.close')} onClick={onNavigate}>
          <IconX size={18} />
        </ActionIcon>
      </Group>
      <Box className={classes.scroll}>
        <nav aria-label={t('shell.nav.label')}>
          {navGroups.map((group) => {
            const items = navItems.filter((item) => item.group === group && can(item.permission));
            return items.length === 0 ? null : (
              <Box key={group} className={classes.group}>
                <Text className={classes.groupName} component="div">
                  {t(`shell.nav.groups.${group}`)}
                </Text>
                {items.map((item) => (
                  <SidebarLink key={item.key} item={item} isNarrow={isNarrow} onNavigate={onNavigate} />
                ))}
              </Box>
            );
          })}
        </nav>
      </Box>
      <Box className={classes.foot} visibleFrom="sm">
        <Tooltip label={toggleLabel} position="top">
          <ActionIcon size="lg" aria-label={toggleLabel} onClick={() => onNarrow(!isNarrow)}>
            <ToggleIcon size={19} className="mirrored" stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Box>
    </Box>
  );
}

function SidebarLink({
  item,
  isNarrow,
  onNavigate,
}: {
  readonly item: NavItem;
  readonly isNarrow: boolean;
  readonly onNavigate: () => void;
}) {
  const { t } = useTranslation();
  const label = t(`shell.nav.${item.key}`);
  const LinkIcon = item.icon;
  const link = (
    <UnstyledButton
      component={Link}
      to={item.to}
      activeOptions={{ exact: item.to === '/' }}
      className={classes.link}
      onClick={onNavigate}
      aria-label={isNarrow ? label : undefined}
    >
      <LinkIcon size={19} stroke={1.7} aria-hidden />
      <span className={classes.label}>{label}</span>
    </UnstyledButton>
  );
  if (!isNarrow) return link;
  return (
    <Tooltip label={label} position="right" openDelay={0}>
      {link}
    </Tooltip>
  );
}

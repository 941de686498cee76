import {
  IconChecklist,
  IconHistory,
  IconLayoutDashboard,
  IconPackages,
  IconSettings,
  IconShieldSearch,
  IconWorld,
  type Icon,
} from '@tabler/icons-react';
import type { Permission } from '#shared/access.ts';

export type NavItem = {
  readonly key: 'dashboard' | 'sites' | 'history' | 'jobs' | 'software' | 'audit' | 'settings';
  readonly to: '/' | '/sites' | '/history' | '/jobs' | '/software' | '/audit' | '/settings';
  readonly icon: Icon;
  readonly permission: Permission;
  readonly group: 'server' | 'panel';
};

/** Every screen of the sidebar and the palette, in order. */
export const navItems: readonly NavItem[] = [
  { key: 'dashboard', to: '/', icon: IconLayoutDashboard, permission: 'system.read', group: 'server' },
  { key: 'sites', to: '/sites', icon: IconWorld, permission: 'sites.read', group: 'server' },
  { key: 'software', to: '/software', icon: IconPackages, permission: 'system.read', group: 'server' },
  { key: 'history', to: '/history', icon: IconHistory, permission: 'sites.read', group: 'panel' },
  { key: 'jobs', to: '/jobs', icon: IconChecklist, permission: 'jobs.read', group: 'panel' },
  { key: 'audit', to: '/audit', icon: IconShieldSearch, permission: 'audit.read', group: 'panel' },
  { key: 'settings', to: '/settings', icon: IconSettings, permission: 'settings.read', group: 'panel' },
];

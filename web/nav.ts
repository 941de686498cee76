import {
  IconArchive,
  IconBan,
  IconCertificate,
  IconChecklist,
  IconClockPlay,
  IconDatabase,
  IconDoor,
  IconHistory,
  IconLayoutDashboard,
  IconPackages,
  IconServer2,
  IconSettings,
  IconShieldSearch,
  IconTerminal2,
  IconUsers,
  IconWorld,
  type Icon,
} from '@tabler/icons-react';
import type { Permission } from '#shared/access.ts';

/** Groups of the sidebar, in order. */
export const navGroups = ['server', 'security', 'panel'] as const;

type NavKey =
  | 'dashboard'
  | 'sites'
  | 'certificates'
  | 'databases'
  | 'cron'
  | 'software'
  | 'services'
  | 'terminals'
  | 'backups'
  | 'people'
  | 'doors'
  | 'bans'
  | 'audit'
  | 'history'
  | 'jobs'
  | 'settings';

export type NavItem = {
  readonly key: NavKey;
  readonly to: '/' | `/${Exclude<NavKey, 'dashboard'>}`;
  readonly icon: Icon;
  readonly permission: Permission;
  readonly group: (typeof navGroups)[number];
};

/** Every screen of the sidebar and the palette, in order. */
export const navItems: readonly NavItem[] = [
  { key: 'dashboard', to: '/', icon: IconLayoutDashboard, permission: 'system.read', group: 'server' },
  { key: 'sites', to: '/sites', icon: IconWorld, permission: 'sites.read', group: 'server' },
  { key: 'databases', to: '/databases', icon: IconDatabase, permission: 'databases.read', group: 'server' },
  {
    key: 'certificates',
    to: '/certificates',
    icon: IconCertificate,
    permission: 'certificates.read',
    group: 'server',
  },
  { key: 'software', to: '/software', icon: IconPackages, permission: 'system.read', group: 'server' },
  { key: 'services', to: '/services', icon: IconServer2, permission: 'services.read', group: 'server' },
  { key: 'terminals', to: '/terminals', icon: IconTerminal2, permission: 'terminals.use', group: 'server' },
  { key: 'cron', to: '/cron', icon: IconClockPlay, permission: 'cron.read', group: 'server' },
  { key: 'backups', to: '/backups', icon: IconArchive, permission: 'backups.read', group: 'server' },
  { key: 'people', to: '/people', icon: IconUsers, permission: 'people.read', group: 'security' },
  { key: 'doors', to: '/doors', icon: IconDoor, permission: 'doors.read', group: 'security' },
  { key: 'bans', to: '/bans', icon: IconBan, permission: 'bans.read', group: 'security' },
  { key: 'audit', to: '/audit', icon: IconShieldSearch, permission: 'audit.read', group: 'security' },
  { key: 'history', to: '/history', icon: IconHistory, permission: 'sites.read', group: 'panel' },
  { key: 'jobs', to: '/jobs', icon: IconChecklist, permission: 'jobs.read', group: 'panel' },
  { key: 'settings', to: '/settings', icon: IconSettings, permission: 'settings.read', group: 'panel' },
];

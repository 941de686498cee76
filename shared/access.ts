/** Every permission there is, sorted. A route or an agent action without one of these stops the start. */
export const permissions = [
  'audit.read',
  'backups.create',
  'backups.manage',
  'backups.read',
  'backups.restore',
  'bans.read',
  'bans.write',
  'certificates.read',
  'certificates.write',
  'cron.machine',
  'cron.read',
  'cron.write',
  'databases.manage',
  'databases.read',
  'deployments.run',
  'deployments.write',
  'doors.read',
  'doors.write',
  'files.read',
  'files.write',
  'jobs.manage',
  'jobs.read',
  'people.read',
  'people.write',
  'services.read',
  'services.write',
  'settings.read',
  'settings.write',
  'sites.create',
  'sites.custom_directives',
  'sites.delete',
  'sites.read',
  'sites.write',
  'software.install',
  'system.read',
  'terminals.root',
  'terminals.use',
] as const;
export type Permission = (typeof permissions)[number];

/** `public`: anyone, no cookie read. `signedIn`: any person with a session or token. */
export type RouteAccess = 'public' | 'signedIn' | Permission;

/** `all`: every site. `assigned`: only the sites a person was given, and what belongs to them; others answer 404. */
export const siteScopes = ['all', 'assigned'] as const;
export type SiteScope = (typeof siteScopes)[number];

/** Are terminals of people with a role recorded? `chosen`: as the panel's setting says, and otherwise as they choose themselves. */
export const roleRecordings = ['chosen', 'always', 'never'] as const;
export type RoleRecording = (typeof roleRecordings)[number];

export type RoleFacts = { readonly permissions: readonly Permission[]; readonly siteScope: SiteScope };

/** Roles that every panel has, strongest first. Only an owner changes owners; nobody gives what they do not have. */
export const builtInRoles = ['owner', 'administrator', 'operator', 'site_manager', 'viewer'] as const;
export type BuiltInRole = (typeof builtInRoles)[number];

/** A role is named by one of the built-in names or by the id of a role of the panel's own. */
export type RoleId = string;

export const builtInRoleFacts: Readonly<Record<BuiltInRole, RoleFacts>> = {
  owner: { permissions, siteScope: 'all' },
  administrator: { permissions, siteScope: 'all' },
  operator: {
    permissions: [
      'backups.create',
      'backups.read',
      'bans.read',
      'certificates.read',
      'certificates.write',
      'cron.read',
      'cron.write',
      'databases.manage',
      'databases.read',
      'deployments.run',
      'deployments.write',
      'files.read',
      'files.write',
      'jobs.manage',
      'jobs.read',
      'services.read',
      'services.write',
      'settings.read',
      'sites.create',
      'sites.read',
      'sites.write',
      'software.install',
      'system.read',
      'terminals.use',
    ],
    siteScope: 'all',
  },
  site_manager: {
    permissions: [
      'cron.read',
      'cron.write',
      'databases.manage',
      'databases.read',
      'deployments.run',
      'files.read',
      'files.write',
      'jobs.read',
      'sites.read',
      'sites.write',
      'terminals.use',
    ],
    siteScope: 'assigned',
  },
  viewer: {
    permissions: [
      'backups.read',
      'certificates.read',
      'databases.read',
      'jobs.read',
      'settings.read',
      'sites.read',
      'system.read',
    ],
    siteScope: 'all',
  },
};

export function isBuiltInRole(role: string): role is BuiltInRole {
  return builtInRoles.some((name) => name === role);
}

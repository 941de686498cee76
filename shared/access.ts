/** Every permission there is, sorted. A route without one of these (or `public`/`signedIn`) stops the start. */
export const permissions = [
  'audit.read',
  'jobs.manage',
  'jobs.read',
  'settings.read',
  'settings.write',
  'sites.custom_directives',
  'sites.delete',
  'sites.read',
  'sites.write',
  'software.install',
  'system.read',
] as const;
export type Permission = (typeof permissions)[number];

/** `public`: anyone, no cookie read. `signedIn`: any person with a session. */
export type RouteAccess = 'public' | 'signedIn' | Permission;

export const roles = ['owner', 'viewer'] as const;
export type Role = (typeof roles)[number];

export const rolePermissions: Record<Role, readonly Permission[]> = {
  owner: permissions,
  viewer: ['jobs.read', 'settings.read', 'sites.read', 'system.read'],
};

export function hasPermission(role: Role, permission: Permission): boolean {
  return rolePermissions[role].includes(permission);
}

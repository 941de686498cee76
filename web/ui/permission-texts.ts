import type { TFunction } from 'i18next';
import { isBuiltInRole, type Permission } from '#shared/access.ts';

/** Permissions by what they are about, in the order in which they are shown. */
export const permissionAreas = {
  sites: [
    'sites.read',
    'sites.create',
    'sites.write',
    'sites.delete',
    'sites.custom_directives',
    'certificates.read',
    'certificates.write',
    'databases.read',
    'databases.manage',
    'files.read',
    'files.write',
    'deployments.run',
    'deployments.write',
  ],
  server: [
    'system.read',
    'software.install',
    'services.read',
    'services.write',
    'terminals.use',
    'terminals.root',
    'cron.read',
    'cron.write',
    'cron.machine',
    'jobs.read',
    'jobs.manage',
  ],
  backups: ['backups.read', 'backups.create', 'backups.restore', 'backups.manage'],
  panel: ['settings.read', 'settings.write'],
  security: ['people.read', 'people.write', 'doors.read', 'doors.write', 'bans.read', 'bans.write', 'audit.read'],
} as const satisfies Readonly<Record<string, readonly Permission[]>>;

export type PermissionArea = keyof typeof permissionAreas;
export const areaNames = Object.keys(permissionAreas) as readonly PermissionArea[];

type Underscored<P extends Permission> = P extends `${infer Area}.${infer Right}` ? `${Area}_${Right}` : never;

/** `sites.read` as the texts name it: a dot would be a level of its own there. */
export function permissionKey(permission: Permission): Underscored<Permission> {
  return permission.replace('.', '_') as Underscored<Permission>;
}

/** Known permissions in the order in which they are shown. */
export function inOrder(chosen: Iterable<Permission>): Permission[] {
  const wanted = new Set(chosen);
  const order = areaNames.flatMap((area) => [...permissionAreas[area]] as Permission[]);
  return order.filter((permission) => wanted.has(permission));
}

/** The role as a person reads it; roles of the panel's own bring their name. */
export function roleTitle(t: TFunction, role: string, ownName: string): string {
  return isBuiltInRole(role) ? t(`people.roles.names.${role}`) : ownName;
}

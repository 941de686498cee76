import { AppError } from '#shared/errors.ts';
import { listNames, look } from '../core/files.ts';
import { findProgram } from '../core/run.ts';
import type { Machine } from '../core/machine.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import { phpPaths } from './php.paths.ts';

/** Versions whose FPM is installed, oldest first. */
export function installedVersions(prefix: string): string[] {
  return listNames(`${prefix}/etc/php`)
    .filter((version) => /^\d+\.\d+$/.test(version) && findFpm(prefix, version) !== undefined)
    .sort(byVersion);
}

export function byVersion(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  return (a?.[0] ?? 0) - (b?.[0] ?? 0) || (a?.[1] ?? 0) - (b?.[1] ?? 0);
}

/** FPM of a version, where it has its configuration too. */
export function findFpm(prefix: string, version: string): string | undefined {
  const isConfigured = look(phpPaths(prefix, version).main).type === 'file';
  return isConfigured ? findProgram(`php-fpm${version}`, prefix) : undefined;
}

/** Sites that need a version, also those that are switched off. */
export function sitesWith(machine: Machine, version: string): SiteRecord[] {
  return [...allRecords(machine).values()].filter(({ settings }) => settings?.php?.version === version);
}

export function versionMissing(version: string): AppError {
  return new AppError('in_use', `PHP ${version} is not installed on this machine.`, {
    reason: 'php_version_missing',
    params: { version },
  });
}

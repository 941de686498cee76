import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import { ownFpm, ownFpmOf, phpSocket, sharedFpm, type Fpm } from './php.paths.ts';

/** What a site has of PHP on the machine, by its record. */

export type OldPool = {
  readonly version: string;
  /** It has a master of its own. */
  readonly isApart: boolean;
  /** Without prefix; of an own one it is the whole configuration. */
  readonly path: string;
  readonly siteId: string;
  readonly slug: string;
};

type Facts = Pick<SiteRecord, 'files' | 'siteId' | 'slug'>;

const unitFolder = '/etc/systemd/system';
export const unitPathOf = ({ service }: Fpm): string => `${unitFolder}/${service}`;

/** Links that make systemd start the unit: with the machine, and with the one of the version, which ends it too. */
export const startLinks = (fpm: Fpm): string[] =>
  ['multi-user.target', sharedFpm('', fpm.version).service].map((name) => `${unitFolder}/${name}.wants/${fpm.service}`);

export function poolsIn(record: Facts | undefined): OldPool[] {
  if (record === undefined) return [];
  const { siteId, slug } = record;
  return Object.keys(record.files).flatMap((path) => {
    const [, version, folder] = /^\/etc\/php\/([\d.]+)\/fpm\/(pool\.d|aapanel)\//.exec(path) ?? [];
    return version === undefined ? [] : [{ version, isApart: folder === 'aapanel', path, siteId, slug }];
  });
}

/** Every file, without prefix. */
export function phpFilesIn(record: Facts | undefined): string[] {
  return Object.keys(record?.files ?? {}).filter(
    (path) => isPhpUnit(path) || poolsIn(record).some((pool) => pool.path === path),
  );
}

export function isPhpUnit(path: string): boolean {
  return path.startsWith(`${unitFolder}/`) && ownFpmOf('', path.slice(unitFolder.length + 1)) !== undefined;
}

export function fpmOf(prefix: string, { version, isApart, slug }: Omit<OldPool, 'path'>): Fpm {
  return isApart ? ownFpm(prefix, version, slug) : sharedFpm(prefix, version);
}

export function socketOf(prefix: string, pool: OldPool): string {
  return phpSocket(prefix, pool, pool.siteId);
}

/** Masters of single sites that are wanted; of one version, or of all. */
export function ownFpms(machine: Pick<Machine, 'prefix' | 'stateFolder'>, version?: string): Fpm[] {
  return [...allRecords(machine).values()]
    .flatMap((record) => poolsIn(record))
    .filter((pool) => pool.isApart && (version === undefined || pool.version === version))
    .map((pool) => fpmOf(machine.prefix, pool));
}

/** Takes away the files of pools. */
export function poolRemovals({ prefix }: Pick<Machine, 'prefix'>, pools: readonly OldPool[]): Want[] {
  const paths = pools.flatMap((pool) => {
    const fpm = fpmOf('', pool);
    return pool.isApart ? [...startLinks(fpm), unitPathOf(fpm), pool.path] : [pool.path];
  });
  return paths.map((path) => ({ kind: 'remove', path: prefix + path, shownAs: path }));
}

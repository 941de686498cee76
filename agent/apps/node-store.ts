import { accessSync, constants } from 'node:fs';
import { listNames } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import { nodeStore } from './apps.paths.ts';

/** Versions of Node that people installed for applications, newest first: each a folder of root's that all sites read. */
export function storedNodes(prefix: string): string[] {
  return listNames(prefix + nodeStore)
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version) && canRun(`${prefix}${nodeStore}/${version}/bin/node`))
    .sort(newestFirst);
}

export const majorOf = (version: string): number => Number(version.split('.')[0]);

function newestFirst(one: string, other: string): number {
  const [a = [], b = []] = [one, other].map((version) => version.split('.').map(Number));
  for (const at of [0, 1, 2]) if (a[at] !== b[at]) return (b[at] ?? 0) - (a[at] ?? 0);
  return 0;
}

/** Sites that need one of these, also those that are switched off. */
export function sitesWithNode(
  machine: Pick<Machine, 'stateFolder'>,
  isMeant: (version: string) => boolean,
): SiteRecord[] {
  return [...allRecords(machine).values()].filter(({ settings }) => {
    const version = settings?.app?.nodeVersion ?? null;
    return version !== null && isMeant(version);
  });
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

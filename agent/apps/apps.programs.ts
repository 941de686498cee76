import { accessSync, constants, lstatSync, readlinkSync, statSync } from 'node:fs';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteApp } from '#shared/site-app.ts';
import { nodeStore } from './apps.paths.ts';

/** Folders of the system, in the order in which they are looked through. */
const systemFolders = ['/usr/local/bin', '/usr/bin', '/bin'] as const;

export type FoundProgram = {
  /** Where it is, or where it would be looked for. */
  readonly path: string;
  /** `missing`: nothing is there; `not_executable`: it may not be run; null: it can be started. */
  readonly problem: 'missing' | 'not_executable' | null;
};

/** Folders that an application finds programs in by their names. */
export function searchPathOf(prefix: string, { nodeVersion }: Pick<SiteApp, 'nodeVersion'>): string[] {
  const store = nodeVersion === null ? [] : [`${prefix}${nodeStore}/${nodeVersion}/bin`];
  return [...store, ...systemFolders.map((folder) => prefix + folder)];
}

/**
 * What a program's name stands for. Its own folder is looked into without ever leaving it by a link; whether the site's
 * user may run it is the kernel's affair.
 */
export function findAppProgram(prefix: string, { root }: Pick<SiteSpec, 'root'>, app: SiteApp): FoundProgram {
  const { program, folder } = app;
  if (!program.includes('/')) {
    const folders = searchPathOf(prefix, app);
    const path = findInFolders(folders, program);
    return path === undefined
      ? { path: `${folders.at(-2) ?? ''}/${program}`, problem: 'missing' }
      : { path, problem: null };
  }
  const site = prefix + root;
  const within = folder === '' ? site : `${site}/${folder}`;
  const path = program.startsWith('/') ? prefix + program : `${within}/${program.replace(/^\.\//, '')}`;
  if (!path.startsWith(`${site}/`)) return { path, problem: problemOf(path) };
  // The `python` of a virtual environment is a link to the system's.
  const real = resolveWithin(site, path.slice(site.length + 1), searchPathOf(prefix, app));
  return { path, problem: real === undefined ? 'missing' : problemOf(real) };
}

/** The first of these folders that has a program of this name. */
export function findInFolders(folders: readonly string[], name: string): string | undefined {
  return folders.map((each) => `${each}/${name}`).find(isExecutable);
}

/** Whether the working folder is there, and in the site's folder. */
export function hasWorkingFolder(prefix: string, { root }: Pick<SiteSpec, 'root'>, { folder }: SiteApp): boolean {
  const real = resolveWithin(prefix + root, folder);
  return real !== undefined && statSync(real, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Links below the folder are followed as long as they stay in it, as `current` to a release does; the last one may also name
 * a file right in one of `leavesTo`.
 */
export function resolveWithin(base: string, path: string, leavesTo: readonly string[] = []): string | undefined {
  const waiting = path.split('/').filter((part) => part !== '');
  let at = base;
  for (let steps = 0; waiting.length > 0; steps++) {
    if (steps > 100) return undefined;
    const part = waiting.shift() ?? '';
    if (part === '.') continue;
    if (part === '..') {
      if (at === base) return undefined;
      at = at.slice(0, at.lastIndexOf('/'));
      continue;
    }
    const next = `${at}/${part}`;
    const target = targetOf(next);
    if (target === undefined) return undefined;
    if (target === null) at = next;
    else if (!target.startsWith('/')) waiting.unshift(...target.split('/').filter((each) => each !== ''));
    else if (target === base || target.startsWith(`${base}/`)) {
      at = base;
      waiting.unshift(
        ...target
          .slice(base.length)
          .split('/')
          .filter((each) => each !== ''),
      );
    } else {
      const isLast = waiting.length === 0 && leavesTo.includes(target.slice(0, target.lastIndexOf('/')));
      return isLast ? target : undefined;
    }
  }
  return at;
}

/** null: no link; undefined: nothing is there. */
function targetOf(path: string): string | null | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return undefined;
  }
}

function problemOf(path: string): FoundProgram['problem'] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'missing';
  // Root may run what nobody has given the right to run.
  return stats.isFile() && (stats.mode & 0o111) !== 0 ? null : 'not_executable';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { errnoOf, openFolder, closeFile } from '../core/files.ts';

/*
 * Links inside a release. nginx follows one only when link and file have the same owner, so other people's files are safe
 * from it; what is looked for here are links to the site's own secrets beside the release, and those that stand for a
 * mistake or an attack.
 */

export type LinkRules = {
  /** Absolute path of the release. */
  readonly release: string;
  /** The present link to it, by which tools like to name it. */
  readonly current: string;
  /** Absolute paths of shared folders: links into them are what they are for. */
  readonly sharedFolders: readonly string[];
  /** Our own links: absolute path of the link → its target. */
  readonly own: ReadonlyMap<string, string>;
};

const mostEntries = 500_000;

/** Throws `deploy_link_outside` with the first link of the served folder that leads out of the release. */
export async function checkLinks(served: string, rules: LinkRules): Promise<void> {
  let count = 0;
  const folders = [served];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const [name, kind] of entriesOf(folder)) {
      if (++count > mostEntries)
        throw new AppError('in_use', 'The release has too many files.', { reason: 'deploy_too_many_files' });
      if (count % 2_000 === 0) await new Promise((resolve) => setImmediate(resolve));
      const path = `${folder}/${name}`;
      if (kind === 'folder') folders.push(path);
      else if (kind !== 'file') checkOne(path, kind, rules);
    }
  }
}

type Kind = 'file' | 'folder' | { readonly target: string };

/** Below an open folder: nobody can put a link in its place meanwhile. */
function entriesOf(folder: string): [string, Kind][] {
  const fd = openFolder(folder);
  try {
    return readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true }).map((entry): [string, Kind] => {
      if (entry.isDirectory()) return [entry.name, 'folder'];
      if (!entry.isSymbolicLink()) return [entry.name, 'file'];
      return [entry.name, { target: readlinkSync(`/proc/self/fd/${fd}/${entry.name}`) }];
    });
  } finally {
    closeFile(fd);
  }
}

function checkOne(path: string, { target }: { readonly target: string }, rules: LinkRules): void {
  if (rules.own.get(path) === target) return;
  const end = resolveAll(path, rules);
  if (end !== undefined && isAllowed(end, rules)) return;
  throw new AppError('in_use', 'A link of the release leads out of it.', {
    reason: 'deploy_link_outside',
    params: { path: path.slice(rules.release.length + 1), target },
  });
}

function isAllowed(path: string, { release, sharedFolders }: LinkRules): boolean {
  return [release, ...sharedFolders].some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** Where a link ends, by names: `..` and links on the way are followed one by one, and whatever leaves ends it. */
function resolveAll(link: string, rules: LinkRules): string | undefined {
  let todo = link.slice(1).split('/');
  let at = '';
  for (let steps = 0; todo.length > 0; steps++) {
    if (steps > 4_000) return undefined;
    const [part = '', ...rest] = todo;
    todo = rest;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
      continue;
    }
    const next = `${at}/${part}`;
    // `current` will be this release when visitors come.
    if (next === rules.current) {
      at = rules.release;
      continue;
    }
    const target = targetOf(next);
    if (target === undefined) at = next;
    else if (target.startsWith('/')) {
      at = '';
      todo = [...target.split('/'), ...todo];
    } else todo = [...target.split('/'), ...todo];
  }
  return at;
}

function targetOf(path: string): string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
  } catch (error) {
    if (['ENOTDIR', 'EACCES', 'ENAMETOOLONG', 'ELOOP'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}

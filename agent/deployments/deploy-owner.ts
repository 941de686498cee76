import { findGroup, listAccounts, type Machine } from '../core/machine.ts';
import { look, makeFolder } from '../core/files.ts';
import { findProgram } from '../core/run.ts';
import { mainFacts } from '../nginx/nginx.files.ts';
import { poolIdentity } from '../php/php.user.ts';
import { runAsSite, type SiteIdentity } from './run-as-site.ts';

type Where = Pick<Machine, 'prefix' | 'isRoot' | 'hasSystemd'>;

/** The site's user, and how folders of its releases look: nginx reads through the group that new files inherit. */
export type DeployOwner = {
  readonly identity: SiteIdentity;
  readonly folder: { readonly uid: number; readonly gid: number; readonly mode: number };
};

export function deployOwner(where: Where, linuxUser: string): DeployOwner {
  const { uid, gid } = poolIdentity(where, linuxUser);
  const identity = { uid, gid };
  if (!where.isRoot) return { identity, folder: { ...identity, mode: 0o2755 } };
  const name = mainFacts(where.prefix).user;
  const nginx = listAccounts().find((account) => account.name === name)?.gid ?? findGroup('www-data');
  return { identity, folder: { uid, gid: nginx ?? gid, mode: nginx === undefined ? 0o2755 : 0o2750 } };
}

/** Makes the folders of a path below `base` that are missing. */
export function makeOwned(base: string, path: string, owner: DeployOwner): void {
  let at = base;
  for (const part of path
    .slice(base.length)
    .split('/')
    .filter((each) => each !== '')) {
    at += `/${part}`;
    if (look(at).type === 'missing') makeFolder(at, owner.folder);
  }
}

/** With the rights of the site's user only: whatever stands there, nothing of anybody else's can go with it. */
export async function removeAsSite(where: Where, owner: DeployOwner, path: string, unit: string): Promise<void> {
  if (look(path).type === 'missing') return;
  const parent = path.slice(0, path.lastIndexOf('/'));
  const act = async (name: string, args: readonly string[]): Promise<void> => {
    const program = findProgram(name);
    if (program === undefined) throw new Error(`${name} is missing`);
    await runAsSite(where, owner.identity, {
      program,
      args: [...args, '--', path],
      cwd: '/',
      environment: { HOME: '/nonexistent' },
      writable: [parent],
      unit: `${unit}-${name}`,
      timeoutMs: 5 * 60_000,
      memoryMb: 512,
      maxFileBytes: 1024 * 1024,
      onOutput: () => undefined,
    });
  };
  await act('rm', ['-rf', '--one-file-system']);
  if (look(path).type === 'missing') return;
  // Folders that were closed to their own owner.
  await act('chmod', ['-R', 'u+rwX']);
  await act('rm', ['-rf', '--one-file-system']);
  if (look(path).type !== 'missing') throw new Error('a release could not be removed');
}

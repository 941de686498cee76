import { randomInt } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { findProgram, run } from '../core/run.ts';
import { listAccounts, type Account, type Machine } from '../core/machine.ts';

/*
 * One Linux user per site. `useradd` costs more than all the rest of a creation, so a few users are made beforehand: a
 * spare one belongs to no site, owns nothing and cannot sign in, so that one more or less is no state of any change.
 * Behind a prefix, or without root, no account is made: sites then carry a name that no account has.
 */

const namePattern = /^site-[a-z2-7]{8}$/;
const spareCount = 6;
/** Apart from people's numbers (1000 …) and from containers' (100000 …). */
const firstUid = 20_000;
const lastUid = 59_999;

export type SiteUser = { readonly name: string; readonly uid: number | null };

const hasAccounts = (machine: Machine): boolean => machine.isRoot && machine.prefix === '';

/** A user that no site has. `taken`: names of all sites and of those that are being removed. */
export async function takeUser(machine: Machine, taken: ReadonlySet<string>): Promise<SiteUser> {
  if (!hasAccounts(machine)) return { name: newName(taken), uid: null };
  const spare = spares(taken)[0];
  if (spare !== undefined) return spare;
  return await oneAtATime(machine, async () => {
    // One may have been made while we waited.
    const made = spares(taken)[0];
    if (made !== undefined) return made;
    const name = newName(taken);
    await addUser(name);
    const account = findUser(name);
    if (account === undefined) throw new Error('useradd succeeded and the account is missing');
    return account;
  });
}

/**
 * The user of this very name, for a site that comes back from a backup: its files and the panel's records say this name. One
 * that exists already is taken; without accounts the name stands alone.
 */
export async function takeUserNamed(machine: Machine, name: string, taken: ReadonlySet<string>): Promise<SiteUser> {
  if (!namePattern.test(name) || taken.has(name)) return await takeUser(machine, taken);
  if (!hasAccounts(machine)) return { name, uid: null };
  return await oneAtATime(machine, async () => {
    if (findUser(name) === undefined) await addUser(name);
    const account = findUser(name);
    if (account === undefined || account.uid < firstUid) throw new Error(`${name} is no account of a site`);
    return account;
  });
}

/** `useradd` that finds the account files locked waits a whole second before it looks again. */
async function oneAtATime<T>(machine: Machine, work: () => Promise<T>): Promise<T> {
  return await machine.locks.hold('accounts', Number.POSITIVE_INFINITY, work);
}

export function findUser(name: string): Account | undefined {
  return listAccounts().find((account) => account.name === name);
}

/** Makes spare users until there are enough; called after answers. */
export async function refillSpares(machine: Machine, taken: () => ReadonlySet<string>): Promise<void> {
  if (!hasAccounts(machine)) return;
  const addOne = async (): Promise<void> => {
    if (spares(taken()).length < spareCount) await addUser(newName(taken()));
  };
  while (spares(taken()).length < spareCount) await oneAtATime(machine, addOne);
}

/** Of all sites, also of those to come. */
export function siteAccounts(): Account[] {
  return listAccounts().filter(({ name, uid }) => namePattern.test(name) && uid >= firstUid);
}

function spares(taken: ReadonlySet<string>): Account[] {
  return siteAccounts().filter(({ name }) => !taken.has(name));
}

/** The account of ssh in terminals on saved hosts: it owns nothing, and nothing else runs as it. */
const sshAccount = 'aapanel-ssh';

/** null: without root ssh is whoever we are. Behind a prefix nobody stands for it. Throws when it cannot be made. */
export async function takeSshAccount(machine: Machine): Promise<Account | null> {
  if (!machine.isRoot) return null;
  const name = machine.prefix === '' ? sshAccount : 'nobody';
  const account =
    findUser(name) ??
    (await oneAtATime(machine, async () => {
      if (name === sshAccount && findUser(name) === undefined) await add(name, 'aaPanel terminals over SSH', []);
      return findUser(name);
    }));
  if (account === undefined || account.uid === 0) throw new Error(`${name} is no account for ssh`);
  return account;
}

async function addUser(name: string): Promise<void> {
  // As a system account, in numbers of our own: others get subordinate numbers, which the useradd of Ubuntu 22.04 insists on.
  const limits = ['UID', 'GID'].flatMap((id) => [`SYS_${id}_MIN=${firstUid}`, `SYS_${id}_MAX=${lastUid}`]);
  const keys = limits.flatMap((key) => ['-K', key]);
  await add(name, 'aaPanel site', keys);
}

/** A system account without a home and without a way to sign in. `keys`: further arguments. */
async function add(name: string, comment: string, keys: readonly string[]): Promise<void> {
  const useradd = findProgram('useradd');
  if (useradd === undefined) throw new AppError('internal', 'useradd is missing.', { reason: 'useradd_missing' });
  const looks = [
    '--system',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    '--user-group',
  ];
  const { code, stderr } = await run(useradd, [...looks, '--comment', comment, ...keys, name], {
    timeoutMs: 10_000,
  });
  if (code !== 0)
    throw new AppError('internal', 'The Linux user could not be made.', {
      reason: 'useradd_failed',
      params: { message: stderr.trim().slice(0, 300) },
    });
}

/** Deletes a site's user; a user that is gone already is fine. */
export async function deleteUser(machine: Machine, name: string): Promise<void> {
  if (!hasAccounts(machine) || !namePattern.test(name)) return;
  const userdel = findProgram('userdel');
  if (userdel === undefined || findUser(name) === undefined) return;
  const { code, stderr } = await oneAtATime(machine, () => run(userdel, [name], { timeoutMs: 10_000 }));
  if (code !== 0 && findUser(name) !== undefined) throw new Error(`userdel: ${stderr.trim().slice(0, 300)}`);
}

function newName(taken: ReadonlySet<string>): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  for (;;) {
    const name = `site-${Array.from({ length: 8 }, () => letters[randomInt(32)]).join('')}`;
    if (!taken.has(name)) return name;
  }
}

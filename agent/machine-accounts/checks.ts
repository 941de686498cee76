import { AppError } from '#shared/errors.ts';
import type { MachineAccount, MachineAccounts } from '#shared/machine-accounts.ts';
import type { Machine } from '../core/machine.ts';
import { listMachineAccounts } from './read-accounts.ts';

/** People's numbers below those of sites (agent/unix-users): useradd counts up from the highest one otherwise. */
const people = { least: 1_000, most: 19_999 };

export function idLimits(...kinds: readonly ('GID' | 'UID')[]): string[] {
  return kinds.flatMap((kind) => ['-K', `${kind}_MIN=${people.least}`, '-K', `${kind}_MAX=${people.most}`]);
}

/** What is there now; throws where nothing can be changed. */
export function nowOf(machine: Pick<Machine, 'prefix' | 'isRoot'>): MachineAccounts {
  const now = listMachineAccounts(machine);
  if (now.tools === 'no_root')
    throw new AppError('not_allowed', 'The agent runs without root.', { reason: 'accounts_no_root' });
  if (now.tools === 'missing')
    throw new AppError('in_use', 'The tools for accounts are missing.', { reason: 'account_tools_missing' });
  return now;
}

/** One of a person. Throws `account_unknown` and `account_reserved`. */
export function getAccount({ items }: MachineAccounts, name: string): MachineAccount {
  const found = items.find((account) => account.name === name);
  if (found === undefined)
    throw new AppError('not_found', 'There is no such user.', { reason: 'account_unknown', params: { name } });
  if (!found.canChange)
    throw new AppError('not_allowed', 'This user belongs to the system, the panel or a site.', {
      reason: 'account_reserved',
      params: { name },
    });
  return found;
}

export function checkShell({ shells }: MachineAccounts, shell: string): void {
  if (!shells.includes(shell))
    throw new AppError('invalid_request', 'This is no shell of the machine.', {
      reason: 'shell_unknown',
      params: { name: shell },
    });
}

export function taken(reason: 'account_exists' | 'group_exists', name: string): AppError {
  return new AppError('already_exists', 'This name is taken.', { reason, params: { name } });
}

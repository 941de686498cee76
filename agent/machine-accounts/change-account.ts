import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { MachineAccount } from '#shared/machine-accounts.ts';
import type { Machine } from '../core/machine.ts';
import { checkGroups } from './account-groups.ts';
import { runTool } from './account-tools.ts';
import { askHome } from './ask-home.ts';
import { checkShell, getAccount, idLimits, nowOf, taken } from './checks.ts';
import { gecosOf, groupIdOf } from './read-accounts.ts';

/** Readable by its own group alone: what lies in homes is nobody's business. */
const homeMode = '0750';

/** With its home, and its keys; without a password. A user whose keys cannot be put there is not made. */
export async function createAccount(
  machine: Machine,
  params: ActionParams<AgentActions['machine_accounts.create']>,
): Promise<MachineAccount> {
  const { name, fullName, loginShell, groups, keys, becomesRoot } = params;
  const now = nowOf(machine);
  if (now.items.some((account) => account.name === name)) throw taken('account_exists', name);
  if (now.groups.some((group) => group.name === name)) throw taken('group_exists', name);
  checkShell(now, loginShell);
  checkGroups(now, groups, becomesRoot);
  const path = `/home/${name}`;
  const { home } = await askHome(machine, 'look', { path, uid: -1, gid: -1 });
  if (home.state !== 'missing')
    throw new AppError('already_exists', 'Something stands where its home would be.', {
      reason: 'account_home_exists',
      params: { path },
    });
  const looks = ['--create-home', '--home-dir', path, '--user-group', '--shell', loginShell, '--comment', fullName];
  const others = groups.length === 0 ? [] : ['--groups', groups.join(',')];
  const limits = [...idLimits('UID', 'GID'), '-K', `HOME_MODE=${homeMode}`];
  await runTool(machine, 'useradd', [...looks, ...others, ...limits, '--', name], { isOutside: true });
  try {
    const made = getAccount(nowOf(machine), name);
    const place = { path, uid: made.uid, gid: groupIdOf(machine.prefix, name) ?? 0 };
    if (keys.length > 0) await askHome(machine, 'keys', { ...place, add: keys, remove: [] });
    return made;
  } catch (error) {
    // Nobody had it yet: its home holds nothing but what was copied there now.
    await runTool(machine, 'userdel', ['--remove', '--', name], { isOutside: true });
    throw error;
  }
}

export async function changeAccount(
  machine: Machine,
  params: ActionParams<AgentActions['machine_accounts.change']>,
): Promise<{ before: MachineAccount; account: MachineAccount }> {
  const { name, loginShell, groups, becomesRoot } = params;
  const now = nowOf(machine);
  const before = getAccount(now, name);
  if (loginShell !== undefined && loginShell !== before.loginShell) checkShell(now, loginShell);
  const added = (groups ?? []).filter((group) => !before.groups.includes(group) && group !== before.group);
  checkGroups(now, added, becomesRoot);
  const args = changesOf(machine, before, params);
  if (args.length > 0) await runTool(machine, 'usermod', [...args, '--', name]);
  return { before, account: getAccount(nowOf(machine), name) };
}

function changesOf(
  { prefix }: Machine,
  before: MachineAccount,
  { name, fullName, loginShell, groups, expiresOn, isLocked }: ActionParams<AgentActions['machine_accounts.change']>,
): string[] {
  // What stands behind the full name (room, telephone) stays.
  const rest = gecosOf(prefix, name).split(',').slice(1);
  const own = groups?.filter((group) => group !== before.group);
  return [
    ...(fullName === undefined ? [] : ['--comment', [fullName, ...rest].join(',')]),
    ...(loginShell === undefined ? [] : ['--shell', loginShell]),
    ...(own === undefined ? [] : ['--groups', own.join(',')]),
    ...accessOf(before, isLocked ?? before.isLocked === true, expiresOn),
  ];
}

/**
 * A locked password alone still lets keys in: usermod(8) says to let the account expire as well. One without a password
 * stays without one.
 */
function accessOf(before: MachineAccount, isLocked: boolean, expiresOn: string | null | undefined): string[] {
  if (isLocked) return before.isLocked === true ? [] : ['--lock', '--expiredate', '1970-01-02'];
  if (before.isLocked !== true) return expiresOn === undefined ? [] : ['--expiredate', expiresOn ?? ''];
  const password = before.hasPassword === true ? ['--unlock'] : [];
  return [...password, '--expiredate', expiresOn ?? ''];
}

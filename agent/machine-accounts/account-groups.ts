import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { rootGroupsOf, type MachineAccounts, type MachineGroup } from '#shared/machine-accounts.ts';
import type { Machine } from '../core/machine.ts';
import { runTool } from './account-tools.ts';
import { getAccount, idLimits, nowOf, taken } from './checks.ts';

/** Groups of the machine, by groupadd(8), groupdel(8) and gpasswd(1). */

export async function addGroup(machine: Machine, name: string): Promise<MachineGroup> {
  if (nowOf(machine).groups.some((group) => group.name === name)) throw taken('group_exists', name);
  await runTool(machine, 'groupadd', [...idLimits('GID'), '--', name]);
  return getGroup(nowOf(machine), name);
}

export async function removeGroup(machine: Machine, name: string): Promise<{ before: MachineGroup }> {
  const before = getGroup(nowOf(machine), name);
  if (before.primaryOf.length > 0)
    throw new AppError('in_use', 'It is the own group of a user.', {
      reason: 'group_is_primary',
      params: { name, users: before.primaryOf.join(', ').slice(0, 200) },
    });
  if (!before.canDelete) throw reserved(name);
  await runTool(machine, 'groupdel', ['--', name]);
  return { before };
}

export async function setMembers(
  machine: Machine,
  { name, add, remove, becomesRoot }: ActionParams<AgentActions['machine_accounts.set_members']>,
): Promise<{ before: MachineGroup; group: MachineGroup }> {
  const now = nowOf(machine);
  const before = getGroup(now, name);
  if (!before.canChange) throw reserved(name);
  for (const user of add) getAccount(now, user);
  // The members of others (of packages) stay, unless somebody takes them out.
  for (const user of remove)
    if (!before.members.includes(user)) throw new AppError('not_found', 'Not a member.', { reason: 'member_unknown' });
  const members = new Set([...before.members, ...add].filter((user) => !remove.includes(user)));
  const isMore = [...members].some((user) => !before.members.includes(user));
  if (isMore && !becomesRoot) refuseRoot([name]);
  await runTool(machine, 'gpasswd', ['--members', [...members].join(','), name]);
  return { before, group: getGroup(nowOf(machine), name) };
}

function getGroup({ groups }: MachineAccounts, name: string): MachineGroup {
  const found = groups.find((group) => group.name === name);
  if (found === undefined) throw unknownGroup(name);
  return found;
}

/** Groups that a user is put into: there, none of the panel's or of sites, and with root's power only when that is known. */
export function checkGroups({ groups }: MachineAccounts, names: readonly string[], becomesRoot: boolean): void {
  for (const name of names) {
    const group = groups.find((each) => each.name === name);
    if (group === undefined) throw unknownGroup(name);
    if (!group.canChange) throw reserved(name);
  }
  if (!becomesRoot) refuseRoot(names);
}

function refuseRoot(names: readonly string[]): void {
  const mighty = rootGroupsOf(names);
  if (mighty.length > 0)
    throw new AppError('invalid_request', 'Members of this group can become root.', {
      reason: 'group_gives_root',
      params: { names: mighty.join(', ') },
    });
}

const unknownGroup = (name: string): AppError =>
  new AppError('not_found', 'There is no such group.', { reason: 'group_unknown', params: { name } });

const reserved = (name: string): AppError =>
  new AppError('not_allowed', 'This group belongs to the system or the panel.', {
    reason: 'group_reserved',
    params: { name },
  });

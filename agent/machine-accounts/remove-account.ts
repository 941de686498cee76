import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { MachineAccount } from '#shared/machine-accounts.ts';
import type { Call } from '../core/call.ts';
import { look } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { crontabPath, endProcesses, processesOf } from './account-uses.ts';
import { runTool } from './account-tools.ts';
import { askHome } from './ask-home.ts';
import { groupIdOf, listMachineAccounts } from './read-accounts.ts';

/**
 * Nobody signs in any more, what runs is ended, its timetable goes, its home is root's, and only then its line in passwd(5):
 * a later user of the same number or name gets nothing of it. What fails on the way is taken back.
 */
export async function removeAccount(
  machine: Machine,
  account: MachineAccount,
  { endsProcesses }: Pick<ActionParams<AgentActions['machine_accounts.remove']>, 'endsProcesses'>,
  call: Call,
): Promise<void> {
  const { name, uid } = account;
  const count = processesOf(uid).length;
  if (count > 0 && !endsProcesses)
    throw new AppError('in_use', 'Programs run as this user.', {
      reason: 'account_has_processes',
      params: { name, count },
    });
  await runTool(machine, 'usermod', ['--expiredate', '1970-01-02', '--', name]);
  try {
    await endProcesses(uid);
    const wants = leftovers(machine, name);
    if (wants.length === 0) await dropUser(machine, account);
    else await dropWith(machine, account, wants, call);
  } catch (error) {
    if (isHere(machine, name)) await letIn(machine, account).catch(() => undefined);
    throw error;
  }
}

/** The user goes last: what comes before is taken back when that fails, and it is not tried again on the way back. */
async function dropWith(machine: Machine, account: MachineAccount, wants: readonly Want[], call: Call): Promise<void> {
  let isTried = false;
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'machine_accounts.remove',
    actor: call.actor.id,
    wants,
    activate: async () => {
      if (isTried) return;
      isTried = true;
      await dropUser(machine, account);
    },
  });
}

const isHere = ({ prefix }: Machine, name: string): boolean => groupIdOf(prefix, name) !== undefined;

/** Files by its name that would come to life again with another user of that name. */
function leftovers({ prefix }: Machine, name: string): Want[] {
  return [crontabPath(name), `/var/lib/systemd/linger/${name}`]
    .filter((path) => look(prefix + path).type === 'file')
    .map((path) => ({ kind: 'remove', path: prefix + path, shownAs: path }));
}

async function dropUser(machine: Machine, { name, uid, home: path }: MachineAccount): Promise<void> {
  const place = { path, uid, gid: groupIdOf(machine.prefix, name) ?? 0 };
  const access = await askHome(machine, 'retire', place).catch((error: unknown) => {
    if (error instanceof AppError && error.reason === 'account_home_unfit') return null;
    throw error;
  });
  try {
    await runTool(machine, 'userdel', ['--', name]);
  } catch (error) {
    if (access !== null && isHere(machine, name)) await askHome(machine, 'giveBack', { ...place, access });
    throw error;
  }
  // Where login.defs(5) does not have userdel do it. A group that others are in stays.
  const own = listMachineAccounts(machine).groups.find((group) => group.name === name);
  if (own?.canDelete === true && own.members.length === 0) await runTool(machine, 'groupdel', ['--', name]);
}

/** As it was before the removal began. */
async function letIn(machine: Machine, { name, isLocked, expiresOn }: MachineAccount): Promise<void> {
  if (isLocked !== true) await runTool(machine, 'usermod', ['--expiredate', expiresOn ?? '', '--', name]);
}

import { actionOf } from '#shared/agent/lookup.ts';
import { AppError } from '#shared/errors.ts';
import type { Handlers } from '../core/handlers.ts';
import { createLocks } from '../core/lock.ts';
import { launcherOf, type AgentSettings, type Machine } from '../core/machine.ts';
import { backupsHandlers } from './backups.actions.ts';

/*
 * The actions of backups for whoever is root on the machine, with panel and agent down as well: `backup-state`,
 * `backup-start`, `backup-put-target` … take the parameters of the action as JSON on standard input. `backup-run ID OFFSET`
 * needs no input.
 */

type Name = Extract<keyof Handlers, `backups.${string}`>;

/** The action of a command; undefined when there is none of this name. */
export function findBackupAction(command: string | undefined): Name | undefined {
  if (command?.startsWith('backup-') !== true) return undefined;
  const name = `backups.${command.slice('backup-'.length).replaceAll('-', '_')}`;
  return name in backupsHandlers && name !== 'backups.revive_sites' ? (name as Name) : undefined;
}

export const isReadOnly = async (name: Name): Promise<boolean> => (await actionOf(name)).isReadOnly;

/** Throws what the action throws. */
export async function runBackupAction(
  settings: AgentSettings,
  name: Name,
  rest: readonly string[],
  input: string,
): Promise<unknown> {
  const action = await actionOf(name);
  const params = action.params.safeParse(paramsOf(name, rest, input));
  if (!params.success)
    throw new AppError('invalid_request', 'These are no parameters of this action.', {
      fields: params.error.issues.slice(0, 20).map(({ path }) => ({ field: path.join('.'), code: 'invalid' })),
    });
  // As much of a machine as these actions use; the state itself is files, each written whole.
  const machine = { ...launcherOf(settings), locks: createLocks() } as Machine;
  const run = backupsHandlers[name] as (machine: Machine, params: unknown, call: object) => Promise<unknown>;
  return await run(machine, params.data, {
    actor: { id: 'console', name: 'console' },
    requestId: 'console',
    deadlineAt: Date.now() + action.timeoutMs,
    isElevated: true,
    may: () => true,
  });
}

function paramsOf(name: Name, rest: readonly string[], input: string): unknown {
  if (name === 'backups.run' && rest.length > 0) return { runId: rest[0], offset: Number(rest[1] ?? 0) };
  if (input.trim() === '') return {};
  try {
    return JSON.parse(input);
  } catch {
    throw new AppError('invalid_request', 'The input is no JSON.');
  }
}

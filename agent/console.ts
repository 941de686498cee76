import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditAddition } from '#shared/agent/audit.ts';
import { actionOf } from '#shared/agent/lookup.ts';
import { AppError } from '#shared/errors.ts';
import { idPattern } from '#shared/http.ts';
import { auditLogOf } from './audit/log.ts';
import { isBackupCommand, type BackupCommand } from './backups/recover/console-commands.ts';
import { askAgent, isServing } from './core/ask-agent.ts';
import { createLocks, takeLockFile } from './core/lock.ts';
import { makeStateFolder, type AgentSettings, type OwnState } from './core/machine.ts';
import { hashPassword } from '#shared/password-hash.ts';
import { listPeople, registerOf, type People } from './people/register.ts';
import { dropFactor, enablePerson, getByName, givePassword, removableFactors } from './people/rescue.ts';

/*
 * For whoever is root on the machine, never over the socket: the register of people and the audit log, also while the web
 * process or the agent is down. A running agent sees changes at its next request.
 *
 *   list                                      everybody, without secrets
 *   set-password NAME [--owner ID]            the new password comes on standard input
 *   remove-factor NAME totp|passkeys|recovery|all
 *   enable NAME
 *   audit-verify
 *   aapanel-read                              {base} on standard input: see aapanel/report.ts
 *   backup-recover | backup-import | backup-import-legacy    see backups/recover/console-backups.ts; JSON on standard input
 *
 *   backup-state | backup-start | backup-run ID OFFSET | …    see backups/console-actions.ts; JSON on standard input
 *
 * Answers one line of JSON: {ok: true, result} with exit code 0, {ok: false, error: {code, reason, message, fields}} with
 * 1, or with 2 for a command that does not exist.
 */

export type ConsoleAnswer = {
  readonly exitCode: 0 | 1 | 2;
  readonly answer: { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: object };
};

/** What a command does to the register, and what the audit log says of it. */
type Change = {
  readonly action: string;
  readonly target: string;
  readonly detail: object;
  readonly apply: (people: People) => void;
};

const limitMs = 10_000;
const usage =
  'list | set-password NAME [--owner ID] | remove-factor NAME KIND | enable NAME | audit-verify | aapanel-read | backup-…';

export async function runConsole(
  settings: AgentSettings,
  args: readonly string[],
  readInput: () => Promise<string>,
): Promise<ConsoleAnswer> {
  try {
    const state: OwnState = { stateFolder: makeStateFolder(settings), locks: createLocks(), now: Date.now };
    return { exitCode: 0, answer: { ok: true, result: await obey(state, settings, args, readInput) } };
  } catch (error) {
    if (error instanceof UsageError)
      return { exitCode: 2, answer: { ok: false, error: { code: 'invalid_request', message: error.message } } };
    if (!(error instanceof AppError)) throw error;
    const { code, reason, message, fields } = error;
    return { exitCode: 1, answer: { ok: false, error: { code, reason, message, fields } } };
  }
}

class UsageError extends Error {}

async function obey(
  state: OwnState,
  settings: AgentSettings,
  args: readonly string[],
  readInput: () => Promise<string>,
): Promise<unknown> {
  if (args.length === 1 && args[0] === 'list') return { people: listPeople(state) };
  if (args.length === 1 && args[0] === 'audit-verify')
    return await withAudit(state, settings, ({ verify }) => verify());
  if (args.length === 1 && args[0] === 'aapanel-read') return await readOtherPanel(settings, await readInput());
  if (args.length === 1 && isBackupCommand(args[0])) return await obeyBackup(state, settings, args[0], readInput);
  if (args[0]?.startsWith('backup-') === true) return await obeyBackupAction(state, settings, args, readInput);
  const change = await readChange(state, args, readInput);
  return await withAudit(state, settings, async ({ add }) => {
    const entry = entryOf(state, change);
    // No record, no action.
    await add({ ...entry, outcome: 'started' });
    try {
      await registerOf(state).change(Date.now() + limitMs, change.apply);
    } catch (error) {
      await add({ ...entry, outcome: 'failed' });
      throw error;
    }
    await add({ ...entry, outcome: 'done' });
    return {};
  });
}

/** The dry run of bringing sites over; loaded only for it, and not noted, since it only looks. */
async function readOtherPanel(settings: AgentSettings, input: string): Promise<unknown> {
  const { readAapanel } = await import('./aapanel/report.ts');
  const params = (await actionOf('aapanel.read')).params.safeParse(JSON.parse(input));
  if (!params.success)
    throw new AppError('invalid_request', 'This is no folder of another server.', {
      fields: [{ field: 'base', code: 'import_base_invalid' }],
    });
  return await readAapanel({ prefix: settings.rootPrefix }, params.data.base);
}

/** Loaded only for them. What only looks is not noted. */
async function obeyBackupAction(
  state: OwnState,
  settings: AgentSettings,
  [command = '', ...rest]: readonly string[],
  readInput: () => Promise<string>,
): Promise<unknown> {
  const { findBackupAction, isReadOnly, runBackupAction } = await import('./backups/console-actions.ts');
  const name = findBackupAction(command);
  if (name === undefined) throw new UsageError(usage);
  const run = async (): Promise<unknown> =>
    await runBackupAction(settings, name, rest, rest.length > 0 ? '' : await readInput());
  if (await isReadOnly(name)) return await run();
  const entry = entryOf(state, { action: `console.${name.replace('.', '_')}`, target: 'backups', detail: {} });
  const note = async (outcome: AuditAddition['outcome']): Promise<void> =>
    await withAudit({ ...state }, settings, async ({ add }) => await add({ ...entry, outcome }));
  await note('started');
  try {
    const done = await run();
    await note('done');
    return done;
  } catch (error) {
    await note('failed');
    throw error;
  }
}

/** The audit log itself may change places meanwhile: each line finds the chain as it is then. */
async function obeyBackup(
  state: OwnState,
  settings: AgentSettings,
  command: BackupCommand,
  readInput: () => Promise<string>,
): Promise<unknown> {
  const entry = entryOf(state, { action: `console.${command.replaceAll('-', '_')}`, target: 'backups', detail: {} });
  const note = async (outcome: AuditAddition['outcome']): Promise<void> =>
    await withAudit({ ...state }, settings, async ({ add }) => await add({ ...entry, outcome }));
  const { runBackupCommand } = await import('./backups/recover/console-backups.ts');
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const input = await readInput();
  await note('started');
  try {
    const done = await runBackupCommand(settings, state.stateFolder, command, input, say);
    await note('done');
    return done;
  } catch (error) {
    await note('failed');
    throw error;
  }
}

async function readChange(
  state: OwnState,
  [command, name, ...rest]: readonly string[],
  readInput: () => Promise<string>,
): Promise<Change> {
  if (name === undefined) throw new UsageError(usage);
  const people = new Map(registerOf(state).all());
  if (command === 'set-password') {
    const ownerId = readOwner(rest);
    // Before the password is asked for.
    if (ownerId === undefined) getByName(people, name);
    else if (!/^[a-z0-9][a-z0-9._-]{2,31}$/.test(name)) throw invalid('name', 'user_name_invalid');
    const hash = await hashPassword(readPassword(await readInput()));
    const apply = (changed: People): void => givePassword(changed, { name, hash, ownerId, now: state.now() });
    return { action: 'console.set_password', target: name, detail: { isOwner: ownerId !== undefined }, apply };
  }
  getByName(people, name);
  const factor = removableFactors.find((each) => each === rest[0]);
  if (command === 'remove-factor' && factor !== undefined && rest.length === 1)
    return {
      action: 'console.remove_factor',
      target: name,
      detail: { factor },
      apply: (changed) => dropFactor(changed, name, factor),
    };
  if (command === 'enable' && rest.length === 0)
    return {
      action: 'console.enable',
      target: name,
      detail: {},
      apply: (changed) => enablePerson(changed, name, state.now()),
    };
  throw new UsageError(usage);
}

function readOwner(rest: readonly string[]): string | undefined {
  if (rest.length === 0) return undefined;
  const [option, id = ''] = rest;
  if (option !== '--owner' || rest.length !== 2 || !idPattern.test(id)) throw new UsageError(usage);
  return id;
}

/** One line; the rules that the web process has besides (common passwords) are not asked of root. */
function readPassword(input: string): string {
  const password = input.replace(/\r?\n$/, '').normalize('NFKC');
  if (password.length < 8) throw invalid('password', 'password_too_short');
  if (password.length > 128) throw invalid('password', 'password_too_long');
  return password;
}

function invalid(field: string, code: string): AppError {
  return new AppError('invalid_request', 'This cannot be taken.', { fields: [{ field, code }] });
}

function entryOf(state: OwnState, { action, target, detail }: Omit<Change, 'apply'>): Omit<AuditAddition, 'outcome'> {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return {
    entryId: Array.from(randomBytes(16), (byte) => letters[byte & 31]).join(''),
    at: new Date(state.now()).toISOString(),
    actorId: 'console',
    actorName: 'console',
    action,
    target,
    address: '',
    requestId: '',
    detail: JSON.stringify(detail),
  };
}

type Audit = { readonly add: (addition: AuditAddition) => Promise<void>; readonly verify: () => Promise<unknown> };

/** The chain has one writer: the running agent when there is one, else we, as long as we hold its lock. */
async function withAudit<T>(state: OwnState, settings: AgentSettings, work: (audit: Audit) => Promise<T>): Promise<T> {
  const endsAt = Date.now() + limitMs;
  for (;;) {
    const lock = await takeLockFile(`${state.stateFolder}/lock`, 0).catch(() => undefined);
    if (lock !== undefined)
      try {
        const log = await auditLogOf(state);
        return await work({
          add: async (addition) => void (await log.add([addition])),
          verify: async () => await log.verify(),
        });
      } finally {
        lock.release();
      }
    if (await isServing(settings))
      return await work({
        add: async (addition) => void (await askAgent(settings, 'audit.append', { additions: [addition] })),
        verify: async () => await askAgent(settings, 'audit.verify', {}),
      });
    // It is just starting or ending.
    if (Date.now() >= endsAt)
      throw new AppError('agent_unavailable', 'The agent runs but does not answer.', { reason: 'agent_not_running' });
    await wait(100);
  }
}

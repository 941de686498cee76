import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { ReachedTerminal } from '#shared/agent/terminals.ts';
import { AppError } from '#shared/errors.ts';
import { isRecordedBy, type Terminal } from '#shared/terminals.ts';
import { newId } from '../backups/keys.ts';
import { baseOf } from '../copies/copy-paths.ts';
import { isAlive } from '../core/alive.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { openLog, readText } from '../core/files.ts';
import type { Handlers } from '../core/handlers.ts';
import { launchOwn } from '../core/launch.ts';
import { listAccounts, type Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { siteOf } from '../deployments/deployments.ts';
import { readyPhpFolder } from '../php/php-command.ts';
import { poolIdentity } from '../php/php.user.ts';
import { takeSshAccount } from '../unix-users/users.ts';
import { askState, askToClose, giveKey, type ControlState } from './control.ts';
import { endTree } from './process-tree.ts';
import {
  listRecordings,
  prepareRecording,
  readRecording,
  readRecordingSettings,
  recordingRuleOf,
  removeRecording,
  setRecording,
} from './recordings.ts';
import { checkHost, listHosts, putHost, reachHost, removeHost, toolsMissing, trustHost } from './ssh-hosts.ts';
import { takeEnds } from './terminal-ends.ts';
import {
  controlPath,
  forgetTerminal,
  hostOf,
  listFacts,
  logPath,
  makeTerminalFolder,
  socketPath,
  unitOf,
  type TerminalFacts,
} from './terminal-records.ts';
import { hashOf } from './terminal-server.ts';

const mostOfPerson = 12;
const mostOfAll = 32;
const startMs = 10_000;
/** Changes of saved hosts come one after another. */
const hostsLock = 'terminals.hosts';

export const terminalsHandlers: Pick<Handlers, Extract<keyof Handlers, `terminals.${string}`>> = {
  'terminals.check_host': (machine, { hostId }) => checkHost(machine, hostId),
  async 'terminals.close'(machine, { terminalId }, call) {
    const facts = getOwn(machine, terminalId, call);
    await closeTerminal(machine, facts);
    return { terminal: shown(facts, { isAttached: false, hasEnded: true }) };
  },
  'terminals.ends': (machine, { known }) => Promise.resolve(takeEnds(machine, known)),
  async 'terminals.enter'(machine, { terminalId }, call) {
    const found = listFacts(machine, machine.now()).find((each) => each.terminalId === terminalId);
    // Before it is said whether there is one.
    if (found?.kind !== 'site') requireTicket(call, 'terminals.root');
    const facts = getOwn(machine, terminalId, call);
    const key = newKey();
    const state = await giveKey(controlPath(machine, terminalId), hashOf(key));
    return { key, terminal: shown(facts, state) };
  },
  'terminals.hosts': (machine) => Promise.resolve({ items: listHosts(machine) }),
  async 'terminals.list'(machine, _params, call) {
    const own = listFacts(machine, machine.now()).filter(({ personId }) => personId === call.actor.id);
    const items = await Promise.all(
      own.map(async (facts): Promise<ReachedTerminal[]> => {
        // One that ends just now is not there any more.
        const state = await askState(controlPath(machine, facts.terminalId)).catch(() => undefined);
        return state === undefined ? [] : [reached(machine, facts, state)];
      }),
    );
    return { items: items.flat(), recording: recordingRuleOf(machine, call) };
  },
  'terminals.open': (machine, params, call) => openTerminal(machine, params, call),
  'terminals.put_host': (machine, params, call) =>
    machine.locks.hold(hostsLock, call.deadlineAt, async () => ({ host: await putHost(machine, params) })),
  'terminals.read_recording': (machine, params, call) => Promise.resolve(readRecording(machine, params, call)),
  'terminals.recordings': (machine, _params, call) =>
    Promise.resolve({ items: listRecordings(machine, call), settings: readRecordingSettings(machine) }),
  'terminals.remove_host': (machine, { hostId }, call) =>
    machine.locks.hold(hostsLock, call.deadlineAt, async () => {
      const host = removeHost(machine, hostId);
      const open = listFacts(machine, machine.now()).filter(({ ssh }) => ssh?.hostId === hostId);
      await Promise.all(open.map((facts) => closeTerminal(machine, facts)));
      return { host };
    }),
  'terminals.remove_recording': (machine, { recordingId }) =>
    Promise.resolve({ recording: removeRecording(machine, recordingId) }),
  'terminals.set_recording': async (machine, settings) => ({ before: await setRecording(machine, settings) }),
  'terminals.trust_host': (machine, params, call) =>
    machine.locks.hold(hostsLock, call.deadlineAt, () => trustHost(machine, params, call)),
};

async function openTerminal(
  machine: Machine,
  { as, cols, rows, isRecorded = false }: ActionParams<AgentActions['terminals.open']>,
  call: Call,
): Promise<{ key: string; terminal: ReachedTerminal }> {
  if (as.kind !== 'site') requireTicket(call, 'terminals.root');
  const running = listFacts(machine, machine.now());
  const own = running.filter(({ personId }) => personId === call.actor.id);
  if (own.length >= mostOfPerson || running.length >= mostOfAll)
    throw new AppError('busy', 'Too many terminals are open.', {
      reason: 'terminals_too_many',
      params: { most: own.length >= mostOfPerson ? mostOfPerson : mostOfAll },
    });
  const key = newKey();
  const facts: TerminalFacts = {
    terminalId: newId(),
    personId: call.actor.id,
    personName: call.actor.name,
    ...(await whose(machine, as)),
    cols,
    rows,
    startedAt: machine.now(),
    keyHash: hashOf(key),
    isRecorded: isRecordedBy(recordingRuleOf(machine, call), as.kind, isRecorded),
  };
  const { terminalId } = facts;
  // Before there is anything to see: whoever is to be recorded gets no terminal without it.
  if (facts.isRecorded === true) await prepareRecording(machine, facts, call.actor);
  makeTerminalFolder(machine, facts, machine.settings.group);
  await launchOwn(machine, {
    args: ['--terminal', terminalId],
    nodeFlags: ['--max-old-space-size=64', '--max-semi-space-size=1'],
    unit: unitOf(terminalId),
    properties: [
      // Its own process takes the others along, and systemd what that leaves.
      'KillMode=mixed',
      'TimeoutStopSec=10',
      'OOMPolicy=continue',
      'TasksMax=4096',
      'LimitCORE=0',
      // A site's user, or that of ssh, becomes nobody else and sees nobody else's commands.
      ...(as.kind !== 'root' ? ['NoNewPrivileges=yes', 'ProtectProc=invisible'] : []),
    ],
    openOutput: () => openLog(logPath(machine, terminalId)),
  });
  const state = await untilThere(machine, facts, Math.min(call.deadlineAt, Date.now() + startMs));
  return { key, terminal: reached(machine, facts, state) };
}

async function untilThere(machine: Machine, facts: TerminalFacts, endsAt: number): Promise<ControlState> {
  const path = controlPath(machine, facts.terminalId);
  for (;;) {
    const state =
      hostOf(machine, facts.terminalId) === undefined ? undefined : await askState(path).catch(() => undefined);
    if (state !== undefined) return state;
    if (Date.now() > endsAt) break;
    await wait(15);
  }
  const log = readText(logPath(machine, facts.terminalId)) ?? '';
  await closeTerminal(machine, facts);
  throw new AppError('internal', 'The terminal did not start.', { reason: 'terminal_not_started', cause: log });
}

/** Ends its process with everything in it, also when that no longer answers. */
export async function closeTerminal(machine: Machine, { terminalId }: TerminalFacts): Promise<void> {
  const host = hostOf(machine, terminalId);
  await askToClose(controlPath(machine, terminalId)).catch(() => false);
  for (const endsAt = Date.now() + 2_000; host !== undefined && isAlive(host) && Date.now() < endsAt; ) await wait(15);
  if (host === undefined || isAlive(host)) {
    const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
    if (systemctl !== undefined) await run(systemctl, ['stop', `${unitOf(terminalId)}.service`], { timeoutMs: 12_000 });
    if (host !== undefined && isAlive(host)) process.kill(host.pid, 'SIGKILL');
    await endTree({ terminalId, session: -1, controlGroup: undefined });
  }
  forgetTerminal(machine, terminalId);
}

function getOwn(machine: Machine, terminalId: string, { actor }: Call): TerminalFacts {
  const facts = listFacts(machine, machine.now()).find((each) => each.terminalId === terminalId);
  if (facts === undefined || facts.personId !== actor.id)
    throw new AppError('not_found', 'There is no such terminal.', { reason: 'terminal_gone' });
  return facts;
}

type Whose = Pick<
  TerminalFacts,
  'kind' | 'siteId' | 'user' | 'owner' | 'home' | 'cwd' | 'shellPath' | 'folders' | 'ssh'
>;
type As = ActionParams<AgentActions['terminals.open']>['as'];

async function whose(machine: Machine, as: As): Promise<Whose> {
  if (as.kind === 'root') return rootFacts(machine);
  return as.kind === 'site' ? siteFacts(machine, as.site) : await hostFacts(machine, as.hostId);
}

/** ssh in place of a shell, as an account that has nothing and runs nothing else. */
async function hostFacts(machine: Machine, hostId: string): Promise<Whose> {
  const shellPath = findProgram('ssh');
  if (shellPath === undefined) throw toolsMissing();
  const ssh = await reachHost(machine, hostId);
  const account = await takeSshAccount(machine);
  const owner = account === null ? null : { uid: account.uid, gid: account.gid };
  const user = `${ssh.login}@${ssh.alias}`;
  return { kind: 'host', siteId: null, user, owner, home: '/nonexistent', cwd: '/', shellPath, ssh };
}

function rootFacts({ isRoot }: Machine): Whose {
  const uid = process.getuid?.() ?? 0;
  const user = listAccounts().find((each) => each.uid === uid)?.name ?? 'root';
  const home = isRoot && existsSync('/root') ? '/root' : '/';
  return { kind: 'root', siteId: null, user, owner: null, home, cwd: home, shellPath: shellProgram() };
}

/** By the agent's own record: whose folder and user it is, nobody says in a request. */
function siteFacts(machine: Machine, ref: { readonly siteId: string; readonly slug: string }): Whose {
  const record = siteOf(machine, ref);
  const { uid, gid, runsAs } = poolIdentity(machine, record.linuxUser);
  if (machine.isRoot && (uid === 0 || gid === 0 || runsAs === null))
    throw new AppError('in_use', 'The site has no user of its own.', { reason: 'terminal_no_user' });
  const home = machine.prefix + baseOf(record);
  if (!existsSync(home))
    throw new AppError('not_found', "The site's folder is not there.", { reason: 'files_no_folder' });
  const user = runsAs?.user ?? listAccounts().find((each) => each.uid === uid)?.name ?? String(uid);
  const owner = machine.isRoot ? { uid, gid } : null;
  const folders = readyPhpFolder(machine, record);
  return { kind: 'site', siteId: ref.siteId, user, owner, home, cwd: home, shellPath: shellProgram(), folders };
}

/** Users of sites have none of their own, so that they cannot sign in over SSH. */
function shellProgram(): string {
  return findProgram('bash') ?? '/bin/sh';
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

function shown(facts: TerminalFacts, { isAttached, hasEnded }: ControlState): Terminal {
  const { terminalId: id, kind, siteId, user, startedAt, isRecorded = false } = facts;
  return { id, kind, siteId, user, startedAt: new Date(startedAt).toISOString(), isAttached, hasEnded, isRecorded };
}

function reached(machine: Machine, facts: TerminalFacts, state: ControlState): ReachedTerminal {
  return { ...shown(facts, state), socketPath: socketPath(machine, facts.terminalId) };
}

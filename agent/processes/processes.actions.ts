import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { MachineProcess } from '#shared/processes.ts';
import { requireTicket, type Call } from '../core/call.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { guardOf } from '../services/guards.ts';
import { plain } from '../services/unit-facts.ts';
import { bootAt, pidsOf, readOr, statOf, ticksPerSecond, uidOf, unitOf, userNames, type Stat } from './proc-files.ts';
import { listeningSockets } from './sockets.ts';

type Name = Extract<keyof Handlers, `processes.${string}`>;

const proc = '/proc';
const mostProcesses = 2_000;
/** The first user number of people; useradd(8). */
const firstPersonUid = 1_000;

export const processesHandlers: Pick<Handlers, Name> = {
  'processes.end': (_machine, params, call) => end(params, call),
  'processes.list': (machine) => Promise.resolve(list(machine)),
  'processes.sockets': (machine) => Promise.resolve({ items: listeningSockets(machine.prefix).slice(0, 3_000) }),
};

function list({ prefix }: Machine): ActionResult<AgentActions['processes.list']> {
  const users = userNames(prefix);
  const boot = bootAt(proc);
  const all = pidsOf(proc).flatMap((pid) => {
    const stat = statOf(proc, pid);
    const uid = uidOf(proc, pid);
    return stat === undefined || uid === undefined ? [] : [describe(pid, stat, users.get(uid) ?? `${uid}`, boot)];
  });
  const items = all.sort((one, other) => other.memoryBytes - one.memoryBytes).slice(0, mostProcesses);
  return { atMs: performance.now(), total: all.length, cores: availableParallelism(), items };
}

function describe(pid: number, stat: Stat, user: string, boot: number): MachineProcess {
  const command = plain(readOr(`${proc}/${pid}/cmdline`).replaceAll('\0', ' ')).trim();
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readOr(`${proc}/${pid}/status`))?.[1];
  const io = readOr(`${proc}/${pid}/io`);
  const moved = (name: string): number | null => {
    const value = new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1];
    return value === undefined ? null : Number(value);
  };
  const unit = unitOf(proc, pid);
  const name = plain(stat.name).slice(0, 60);
  return {
    pid,
    parentPid: stat.parentPid,
    user,
    name,
    command: (command === '' ? `[${name}]` : command).slice(0, 400),
    state: stat.state,
    guard: guardOfProcess(pid, stat, unit),
    startTicks: stat.startTicks,
    startedAt: new Date(boot + (stat.startTicks * 1_000) / ticksPerSecond).toISOString(),
    cpuMs: stat.cpuMs,
    memoryBytes: Number(resident ?? '0') * 1_024,
    threads: stat.threads,
    readBytes: moved('read_bytes'),
    writtenBytes: moved('write_bytes'),
    unit,
  };
}

/** Process 2 is the father of the kernel's own threads. */
function guardOfProcess(pid: number, { parentPid }: Stat, unit: string | null): MachineProcess['guard'] {
  if (pid === 2 || parentPid === 2) return 'kernel';
  if (pid === 1 || pid === process.pid || pid === process.ppid) return 'panel';
  const guard = unit === null ? 'none' : guardOf(unit);
  return guard === 'site' ? 'none' : guard;
}

const patienceMs = 3_000;

/** Throws `not_found` for one that is gone, also when another one has its id by now. */
async function end({ pid, startTicks, signal }: ActionParams<AgentActions['processes.end']>, call: Call) {
  const stat = statOf(proc, pid);
  const uid = uidOf(proc, pid);
  if (stat === undefined || uid === undefined || stat.startTicks !== startTicks)
    throw new AppError('not_found', 'The process has ended.', { reason: 'process_gone' });
  const guard = guardOfProcess(pid, stat, unitOf(proc, pid));
  if (guard === 'kernel') throw new AppError('in_use', 'It is part of the kernel.', { reason: 'process_of_kernel' });
  if (guard === 'panel') throw new AppError('in_use', 'The panel needs it.', { reason: 'process_of_panel' });
  if (guard === 'essential' || uid < firstPersonUid || uid === process.getuid?.()) requireTicket(call);
  const isHere = (): boolean => {
    const now = statOf(proc, pid);
    return now !== undefined && now.startTicks === startTicks && now.state !== 'zombie';
  };
  try {
    process.kill(pid, `SIG${signal}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM')
      throw new AppError('not_allowed', 'The agent may not end it.', { reason: 'process_not_ours' });
  }
  for (const endsAt = Date.now() + patienceMs; isHere() && Date.now() < endsAt; ) await wait(50);
  return { isGone: !isHere() };
}

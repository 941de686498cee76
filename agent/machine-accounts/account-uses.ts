import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { AccountFacts, MachineAccount } from '#shared/machine-accounts.ts';
import { errnoOf, look, readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { showJob, listJobs } from '../cron/cron-records.ts';
import { pidsOf, readOr, statOf } from '../processes/proc-files.ts';
import { askHome } from './ask-home.ts';
import { groupIdOf } from './read-accounts.ts';

/** What is there because of a user of the machine, and would end or be left behind with it. */

const proc = '/proc';
const mostShown = 20;

export async function readFacts(machine: Machine, account: MachineAccount): Promise<AccountFacts> {
  const { name, uid, home: path } = account;
  const gid = groupIdOf(machine.prefix, name) ?? 0;
  const [{ home, keys, otherKeyLines }, sessions] = await Promise.all([
    account.kind === 'person' ? lookAtHome(machine, { path, uid, gid }) : unseen,
    countSessions(machine, name),
  ]);
  const processes = processesOf(uid);
  return {
    account,
    home,
    keys,
    otherKeyLines,
    sessions,
    processes: processes.slice(0, mostShown).map((pid) => ({ pid, name: statOf(proc, pid)?.name ?? '' })),
    processCount: processes.length,
    crontabLines: crontabLines(machine, name),
    jobs: listJobs(machine).flatMap((record) => {
      const { work, siteId } = record.facts;
      if (work.kind !== 'script' || siteId !== null || work.linuxUser !== name) return [];
      return [{ jobId: record.jobId, name: showJob(machine, record).name }];
    }),
  };
}

type Place = { readonly path: string; readonly uid: number; readonly gid: number };
type Looked = Pick<AccountFacts, 'home' | 'keys' | 'otherKeyLines'>;

const unseen: Looked = { home: { state: 'unknown', sizeBytes: null }, keys: [], otherKeyLines: 0 };

async function lookAtHome(machine: Machine, place: Place): Promise<Looked> {
  if (!machine.isRoot) return unseen;
  try {
    return await askHome(machine, 'look', place);
  } catch (error) {
    if (error instanceof AppError && error.reason === 'account_home_unfit')
      return { ...unseen, home: { state: 'other', sizeBytes: null } };
    throw error;
  }
}

/** As systemd counts them; 0 where it is not, and for who is not signed in. */
async function countSessions({ hasSystemd }: Machine, name: string): Promise<number> {
  const program = hasSystemd ? findProgram('loginctl') : undefined;
  if (program === undefined) return 0;
  const { code, stdout } = await run(program, ['show-user', '--property=Sessions', '--value', '--', name], {
    timeoutMs: 8_000,
  });
  return code === 0 ? stdout.split(/\s+/).filter((each) => each !== '').length : 0;
}

export const crontabPath = (name: string): string => `/var/spool/cron/crontabs/${name}`;

function crontabLines({ prefix }: Machine, name: string): number {
  const path = prefix + crontabPath(name);
  if (look(path).type !== 'file') return 0;
  return (readText(path) ?? '').split('\n').filter((line) => /^\s*[@*\d]/.test(line)).length;
}

/** Not by the owner of their folder in /proc: for some the kernel makes that root. */
export function processesOf(uid: number): number[] {
  return pidsOf(proc).filter((pid) => /^Uid:\t(\d+)\t/m.exec(readOr(`${proc}/${pid}/status`))?.[1] === String(uid));
}

const patienceMs = 10_000;
const askingMs = 3_000;

/** Ends whatever runs as the user: first asked, then killed. Throws `account_processes_stay`. */
export async function endProcesses(uid: number): Promise<void> {
  const from = Date.now();
  for (;;) {
    const left = processesOf(uid).filter((pid) => statOf(proc, pid)?.state !== 'zombie');
    if (left.length === 0) return;
    if (Date.now() - from > patienceMs)
      throw new AppError('in_use', 'Processes of the user do not end.', {
        reason: 'account_processes_stay',
        params: { count: left.length },
      });
    for (const pid of left) signal(pid, Date.now() - from < askingMs ? 'SIGTERM' : 'SIGKILL');
    await wait(100);
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

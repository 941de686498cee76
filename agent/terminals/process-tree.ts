import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/*
 * Everything that was started in a terminal: also what has left its session (`setsid`) or outlived who started it
 * (`nohup … &`).
 */

/** In the environment of everything that a terminal starts. */
export const terminalVariable = 'AAPANEL_TERMINAL';

type Tree = {
  readonly terminalId: string;
  /** Number of the shell's session. */
  readonly session: number;
  /** Where systemd is, the control group holds them all; undefined elsewhere. */
  readonly controlGroup: string | undefined;
};

/** The control group of this process, when it is the given unit's and nobody else's. */
export function ownControlGroup(unit: string): string | undefined {
  const own = readOr('/proc/self/cgroup');
  // One tree for everything, or systemd's own beside older ones.
  const unified = /^0::(\/.*)$/m.exec(own)?.[1] ?? '';
  const named = /^\d+:name=systemd:(\/.*)$/m.exec(own)?.[1] ?? '';
  return [`/sys/fs/cgroup${unified}`, `/sys/fs/cgroup/unified${unified}`, `/sys/fs/cgroup/systemd${named}`].find(
    (path) => path.endsWith(`/${unit}.service`) && numbersIn(`${path}/cgroup.procs`).includes(process.pid),
  );
}

/** First the farewell of a closed terminal, then without asking; true when nothing is left. */
export async function endTree(tree: Tree, patienceMs = 600): Promise<boolean> {
  const known = new Map<number, Process>();
  for (const pid of processesOf(tree, known)) send(pid, 'SIGHUP');
  for (const endsAt = Date.now() + patienceMs; Date.now() < endsAt; await wait(20))
    if (processesOf(tree, known).length === 0) return true;
  for (let tries = 0; tries < 150; tries++) {
    const left = processesOf(tree, known);
    if (left.length === 0) return true;
    for (const pid of left) send(pid, 'SIGKILL');
    await wait(20);
  }
  return processesOf(tree, known).length === 0;
}

type Process = { readonly pid: number; readonly parent: number; readonly session: number; readonly began: string };

/** `known`: what was found before, and is looked for again also when whoever started it is gone. */
function processesOf({ terminalId, session, controlGroup }: Tree, known: Map<number, Process>): number[] {
  const all = readdirSync('/proc').flatMap((name): Process[] => {
    if (!/^\d+$/.test(name)) return [];
    const stat = readOr(`/proc/${name}/stat`);
    // From the third field of proc(5) on: state, parent, group, session …
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', parent, , own] = fields;
    if (state === '' || 'ZX'.includes(state)) return [];
    return [{ pid: Number(name), parent: Number(parent), session: Number(own), began: fields[19] ?? '' }];
  });
  // Of one that has led a session of its own.
  const sessions = new Set([
    session,
    ...[...known.values()].flatMap((each) => (each.pid === each.session ? each.pid : [])),
  ]);
  const inGroup = new Set(controlGroup === undefined ? [] : numbersIn(`${controlGroup}/cgroup.procs`));
  const mark = `${terminalVariable}=${terminalId}`;
  const found = new Set(
    all
      .filter(
        ({ pid, session: own, began }) =>
          sessions.has(own) ||
          inGroup.has(pid) ||
          known.get(pid)?.began === began ||
          readOr(`/proc/${pid}/environ`).split('\0').includes(mark),
      )
      .map(({ pid }) => pid),
  );
  // Children that have thrown their environment away.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  for (const each of all) if (found.has(each.pid)) known.set(each.pid, each);
  return [...found];
}

function numbersIn(path: string): number[] {
  return readOr(path)
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended, or is not ours.
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

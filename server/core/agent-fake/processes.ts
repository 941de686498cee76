import { AppError } from '#shared/errors.ts';
import type { ListeningSocket, MachineProcess } from '#shared/processes.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';

type ProcessesActionName = Extract<keyof FakeActions, `processes.${string}`>;
type Known = readonly [
  pid: number,
  parentPid: number,
  user: string,
  command: string,
  memoryMib: number,
  unit: string | null,
];

const known: readonly Known[] = [
  [1, 0, 'root', '/sbin/init', 11, 'init.scope'],
  [2, 0, 'root', '[kthreadd]', 0, null],
  [37, 2, 'root', '[kworker/0:1-events]', 0, null],
  [412, 1, 'root', '/usr/lib/systemd/systemd-journald', 18, 'systemd-journald.service'],
  [618, 1, 'root', 'nginx: master process /usr/sbin/nginx -g daemon on; master_process on;', 6, 'nginx.service'],
  [619, 618, 'www-data', 'nginx: worker process', 4, 'nginx.service'],
  [651, 1, 'mysql', '/usr/sbin/mariadbd', 142, 'mariadb.service'],
  [668, 1, 'root', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 6, 'ssh.service'],
  [702, 1, 'aapanel', 'node /opt/aapanel/server/main.ts', 59, 'aapanel.service'],
  [720, 1, 'root', 'php-fpm: master process (/etc/php/8.4/fpm/php-fpm.conf)', 22, 'php8.4-fpm.service'],
  [744, 1, 'site-k3v7q2aa', 'node server.js', 83, 'aapanel-app-shop.example-a.service'],
  [790, 668, 'admin', '-bash', 5, null],
];

/** The part of the fake agent that knows processes and ports. */
export function createFakeProcesses(requireTicket: (call: FakeCall) => void): Pick<FakeActions, ProcessesActionName> {
  const bootAt = Date.now() - 3 * 86_400_000;
  const gone = new Set<number>();

  function describe([pid, parentPid, user, command, memoryMib, unit]: Known): MachineProcess {
    const program = command.startsWith('[') ? command.slice(1, -1) : (command.split(/[ :]/)[0] ?? '');
    return {
      pid,
      parentPid,
      user,
      name: program.split('/').at(-1) ?? program,
      command,
      state: pid === 744 ? 'running' : 'sleeping',
      guard: guardOf(pid, parentPid, unit),
      startTicks: pid * 10,
      startedAt: new Date(bootAt + pid * 100).toISOString(),
      // Grows as time does, so that shares have something to show.
      cpuMs: Math.round((performance.now() / 400) * (pid % 7)) * 10,
      memoryBytes: memoryMib * 1_048_576,
      threads: pid === 651 ? 9 : 1,
      readBytes: memoryMib * 917_504,
      writtenBytes: memoryMib * 131_072,
      unit: unit === 'init.scope' ? null : unit,
    };
  }

  const processes = (): MachineProcess[] => known.filter(([pid]) => !gone.has(pid)).map(describe);

  return {
    'processes.end': ({ pid, startTicks }, call) => {
      const found = processes().find((each) => each.pid === pid && each.startTicks === startTicks);
      if (found === undefined) throw new AppError('not_found', 'The process has ended.', { reason: 'process_gone' });
      if (found.guard === 'kernel')
        throw new AppError('in_use', 'It is part of the kernel.', { reason: 'process_of_kernel' });
      if (found.guard === 'panel') throw new AppError('in_use', 'The panel needs it.', { reason: 'process_of_panel' });
      if (!/^(?:site-|admin)/.test(found.user)) requireTicket(call);
      gone.add(pid);
      return Promise.resolve({ isGone: true });
    },
    'processes.list': () => {
      const items = processes();
      return Promise.resolve({ atMs: performance.now(), total: items.length, cores: 2, items });
    },
    'processes.sockets': () => {
      const socket = (address: string, port: number, pid: number): ListeningSocket => {
        const held = processes().find((each) => each.pid === pid);
        const isLocal = address === '127.0.0.1';
        const facts = { name: held?.name ?? null, user: held?.user ?? null, unit: held?.unit ?? null };
        return { protocol: 'tcp', address, port, isLocal, pid: held === undefined ? null : pid, ...facts };
      };
      const items = [
        socket('0.0.0.0', 22, 668),
        socket('::', 22, 668),
        socket('0.0.0.0', 80, 618),
        socket('0.0.0.0', 443, 618),
        socket('127.0.0.1', 3306, 651),
        socket('0.0.0.0', 8443, 702),
        socket('127.0.0.1', 21000, 744),
      ];
      return Promise.resolve({ items });
    },
  };
}

function guardOf(pid: number, parentPid: number, unit: string | null): MachineProcess['guard'] {
  if (pid === 2 || parentPid === 2) return 'kernel';
  if (pid === 1 || unit === 'aapanel.service') return 'panel';
  return unit === 'ssh.service' || unit === 'systemd-journald.service' ? 'essential' : 'none';
}

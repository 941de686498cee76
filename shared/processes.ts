import { z } from 'zod';
import { instant, type Operation } from './http.ts';

const pid = z.int().min(1).max(4_194_304);

/** `R` and so on in words; proc_pid_stat(5). */
export const processStates = ['running', 'sleeping', 'waiting', 'stopped', 'zombie', 'idle', 'other'] as const;

/** Who answers for it: the kernel's own and the panel's are not ended from here, `essential` ones with a fresh factor. */
export const processGuards = ['none', 'essential', 'panel', 'kernel'] as const;

export const machineProcess = z.object({
  pid,
  parentPid: z.int(),
  user: z.string(),
  name: z.string(),
  /** The command with its arguments, cut; `[name]` for the kernel's own. */
  command: z.string(),
  state: z.enum(processStates),
  guard: z.enum(processGuards),
  /** Clock ticks after boot: with the id it names exactly this process. */
  startTicks: z.int(),
  startedAt: instant,
  /** Processor time since its start; a share comes from two looks. */
  cpuMs: z.number(),
  memoryBytes: z.number(),
  threads: z.int(),
  /** From and to disks since its start; null where it may not be seen. */
  readBytes: z.number().nullable(),
  writtenBytes: z.number().nullable(),
  /** The service of systemd that it belongs to. */
  unit: z.string().nullable(),
});
export type MachineProcess = z.infer<typeof machineProcess>;

export const endSignals = ['TERM', 'KILL'] as const;

export const endedProcess = z.object({
  /** It is gone; otherwise it still ends, or does not want to. */
  isGone: z.boolean(),
});

export const listeningSocket = z.object({
  protocol: z.enum(['tcp', 'udp']),
  address: z.string(),
  port: z.int().min(0).max(65_535),
  /** Reachable from this machine only. */
  isLocal: z.boolean(),
  pid: pid.nullable(),
  name: z.string().nullable(),
  user: z.string().nullable(),
  unit: z.string().nullable(),
});
export type ListeningSocket = z.infer<typeof listeningSocket>;

export const processesApi = {
  list: {
    id: 'listProcesses',
    method: 'GET',
    path: '/api/v1/processes',
    access: 'services.read',
    summary: 'Processes of the machine',
    response: z.object({
      /** Of the look, in milliseconds of a steady clock: for shares between two looks. */
      atMs: z.number(),
      /** The first thousands by memory where there are more. */
      total: z.int(),
      cores: z.int(),
      items: z.array(machineProcess),
    }),
  },
  end: {
    id: 'endProcess',
    method: 'POST',
    path: '/api/v1/processes/{pid}/end',
    access: 'services.write',
    summary: 'End a process, in peace or at once',
    params: z.object({ pid: z.coerce.number().int().min(1).max(4_194_304) }),
    body: z.strictObject({ startTicks: z.int().min(0), signal: z.enum(endSignals) }),
    response: endedProcess,
  },
  sockets: {
    id: 'listListeningSockets',
    method: 'GET',
    path: '/api/v1/sockets',
    access: 'services.read',
    summary: 'Ports that listen, and who holds them',
    response: z.object({ items: z.array(listeningSocket) }),
  },
} as const satisfies Record<string, Operation>;

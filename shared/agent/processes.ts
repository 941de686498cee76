import { z } from 'zod';
import { endedProcess, endSignals, listeningSocket, machineProcess } from '../processes.ts';
import type { AgentAction } from './action.ts';

export const processesEnd = {
  name: 'processes.end',
  permission: 'services.write',
  // For what is the system's own.
  ticket: 'depends',
  params: z.strictObject({
    pid: z.int().min(1).max(4_194_304),
    /** Of the process that was seen: another one under the same id is left alone. */
    startTicks: z.int().min(0),
    signal: z.enum(endSignals),
  }),
  result: endedProcess,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1_024,
  summary: 'Send a process the signal to end',
} as const satisfies AgentAction;

export const processesList = {
  name: 'processes.list',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ atMs: z.number(), total: z.int(), cores: z.int(), items: z.array(machineProcess) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1_024 * 1_024,
  summary: 'Processes with what they use',
} as const satisfies AgentAction;

export const processesSockets = {
  name: 'processes.sockets',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ items: z.array(listeningSocket) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1_024 * 1_024,
  summary: 'Listening ports and the processes that hold them',
} as const satisfies AgentAction;

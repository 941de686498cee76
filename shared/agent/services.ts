import { z } from 'zod';
import {
  journalCursor,
  journalLine,
  service,
  serviceDetail,
  serviceOutcome,
  serviceUnit,
  serviceVerbs,
} from '../services.ts';
import type { AgentAction } from './action.ts';

export const servicesControl = {
  name: 'services.control',
  permission: 'services.write',
  // For those that keep the machine reachable, and to let them go.
  ticket: 'depends',
  params: z.strictObject({ unit: serviceUnit, verb: z.enum(serviceVerbs) }),
  result: serviceOutcome,
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 40_000,
  maxResultBytes: 32 * 1_024,
  summary: 'Start, stop or reload a service, or set whether it starts at boot',
} as const satisfies AgentAction;

export const servicesJournal = {
  name: 'services.journal',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({
    unit: serviceUnit,
    after: journalCursor.nullable(),
    lines: z.int().min(1).max(1_000),
    priority: z.int().min(0).max(7),
  }),
  result: z.object({ lines: z.array(journalLine), cursor: journalCursor.nullable() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 4 * 1_024 * 1_024,
  summary: 'Lines of the journal of one service',
} as const satisfies AgentAction;

export const servicesList = {
  name: 'services.list',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ hasSystemd: z.boolean(), items: z.array(service) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 2 * 1_024 * 1_024,
  summary: 'Services of systemd and their state',
} as const satisfies AgentAction;

export const servicesRead = {
  name: 'services.read',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({ unit: serviceUnit }),
  result: serviceDetail,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 128 * 1_024,
  summary: 'One service with the text of its unit',
} as const satisfies AgentAction;

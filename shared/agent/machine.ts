import { z } from 'zod';
import {
  automaticUpdatesChange,
  hostnameChange,
  machineSettings,
  swapChange,
  zoneChange,
} from '../machine-settings.ts';
import type { AgentAction } from './action.ts';

export const machineRead = {
  name: 'machine.read',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: machineSettings,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 64 * 1_024,
  summary: 'Name, time zone, swap and automatic updates of the machine',
} as const satisfies AgentAction;

export const machineSetAutomaticUpdates = {
  name: 'machine.set_automatic_updates',
  permission: 'services.write',
  // To let the machine go without security updates.
  ticket: 'depends',
  params: automaticUpdatesChange,
  result: machineSettings,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 40_000,
  maxResultBytes: 64 * 1_024,
  summary: 'Let security updates be installed by themselves, or no longer',
} as const satisfies AgentAction;

export const machineSetHostname = {
  name: 'machine.set_hostname',
  permission: 'services.write',
  ticket: 'never',
  params: hostnameChange,
  result: machineSettings,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 40_000,
  maxResultBytes: 64 * 1_024,
  summary: 'Give the machine another name',
} as const satisfies AgentAction;

export const machineSetSwap = {
  name: 'machine.set_swap',
  permission: 'services.write',
  ticket: 'never',
  params: swapChange,
  result: machineSettings,
  isReadOnly: false,
  isIdempotent: true,
  // What is in the old file goes back into memory first.
  timeoutMs: 180_000,
  maxResultBytes: 64 * 1_024,
  summary: 'Make, resize or take away the swap file of the panel',
} as const satisfies AgentAction;

export const machineSetTimeZone = {
  name: 'machine.set_time_zone',
  permission: 'services.write',
  ticket: 'never',
  params: zoneChange,
  result: machineSettings,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 40_000,
  maxResultBytes: 64 * 1_024,
  summary: 'Set the time zone of the machine',
} as const satisfies AgentAction;

import { z } from 'zod';
import { id } from '../http.ts';
import {
  installableName,
  machineUpdates,
  removableName,
  software,
  tool,
  updatableName,
  upgradeScopes,
} from '../software.ts';
import { softwarePlan } from '../software-plan.ts';
import type { AgentAction } from './action.ts';

export const softwareStatus = {
  name: 'software.status',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    items: z.array(software),
    /** Sites set aside because their files broke nginx. */
    isolated: z.array(z.object({ slug: z.string(), reason: z.string() })),
    /** Who listens on port 80 when it is not nginx; null when free or nginx. */
    port80Owner: z.string().nullable(),
    tools: z.array(tool),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 128 * 1024,
  summary: 'Installed, running, version and configuration check of the managed software',
} as const satisfies AgentAction;

/** Asks APT and looks at the machine; nothing is fetched, locked or changed. */
export const softwarePlanOf = {
  name: 'software.plan',
  permission: 'software.install',
  ticket: 'never',
  params: z.strictObject({ name: installableName }),
  result: softwarePlan,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 512 * 1024,
  summary: 'What installing or updating would change',
} as const satisfies AgentAction;

/** Starts (or finds) a detached operation that outlives web process and agent; poll with `software.operation`. */
export const softwareInstall = {
  name: 'software.install',
  permission: 'software.install',
  ticket: 'never',
  params: z.strictObject({
    name: installableName,
    /** The job's id; asking again with the same id never starts a second run. */
    operationId: id,
    step: z.enum(['refresh', 'install', 'configure', 'start', 'verify']),
  }),
  result: z.object({ state: z.enum(['running', 'succeeded', 'failed']) }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024,
  summary: 'Run one step of installing software from the distribution',
} as const satisfies AgentAction;

export const softwareOperation = {
  name: 'software.operation',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({
    operationId: id,
    step: z.enum(['refresh', 'install', 'configure', 'start', 'verify', 'remove', 'upgrade']),
    /** Byte offset of the log to read from. */
    offset: z.int().min(0),
  }),
  result: z.object({
    state: z.enum(['running', 'succeeded', 'failed', 'unknown']),
    exitCode: z.int().nullable(),
    /** Log text from `offset`, cut at a line end, at most 64 KiB. */
    text: z.string(),
    nextOffset: z.int(),
    /** 0 to 100 from the package manager's own status, or null. */
    progress: z.number().nullable(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'State and log of an operation step',
} as const satisfies AgentAction;

export const softwareCancel = {
  name: 'software.cancel',
  // Asked under the id of who started the job, whoever may cancel it.
  permission: 'software.install',
  ticket: 'never',
  params: z.strictObject({ operationId: id }),
  result: z.object({ wasRunning: z.boolean() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 4 * 1024,
  summary: 'Stop a running operation at a point where the package database is whole',
} as const satisfies AgentAction;

/** As a detached operation with the one step `remove`. What it kept in /etc stays. An extension is loaded until `start`. */
export const softwareRemove = {
  name: 'software.remove',
  permission: 'software.install',
  ticket: 'never',
  params: z.strictObject({ name: removableName, operationId: id }),
  result: z.object({ state: z.enum(['running', 'succeeded', 'failed']) }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024,
  summary: 'Remove a version of PHP that no site uses, or an extension',
} as const satisfies AgentAction;

/** Compensation: takes away what this operation installed (only packages that it installed itself). */
export const softwareUninstall = {
  name: 'software.uninstall',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ operationId: id }),
  result: z.object({ removed: z.array(z.string()) }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 300_000,
  maxResultBytes: 16 * 1024,
  summary: 'Take back the packages that an operation installed',
} as const satisfies AgentAction;

/** Asks APT what it would do; nothing is fetched and nothing is locked. */
export const softwareUpdates = {
  name: 'software.updates',
  permission: 'services.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: machineUpdates,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 1_024 * 1_024,
  summary: 'Updates of the machine that wait, and whether it wants a restart',
} as const satisfies AgentAction;

/** As a detached operation with the steps `refresh` and `upgrade`. There is no way back. */
export const softwareUpgrade = {
  name: 'software.upgrade',
  permission: 'software.install',
  ticket: 'never',
  params: z.strictObject({
    /** Everything that waits, security alone, or one program. */
    scope: z.union([z.enum(upgradeScopes), updatableName]),
    operationId: id,
    step: z.enum(['refresh', 'upgrade']),
  }),
  result: z.object({ state: z.enum(['running', 'succeeded', 'failed']) }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024,
  summary: 'Run one step of installing updates of the machine',
} as const satisfies AgentAction;

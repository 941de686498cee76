import { z } from 'zod';
import { hookBody, hookOutcome } from '../backup-alerts.ts';
import { backupsApi } from '../backups-api.ts';
import {
  backupMember,
  backupPlan,
  backupRequest,
  backupRun,
  backupSet,
  backupSources,
  backupState,
  reportLine,
  retention,
  targetLimits,
  targetPlace,
  targetSecret,
} from '../backups.ts';
import { id, line } from '../http.ts';
import type { AgentAction } from './action.ts';

const common = { timeoutMs: 20_000, maxResultBytes: 1024 * 1024 } as const;
const reads = { ...common, isReadOnly: true, isIdempotent: true, ticket: 'never' } as const;
const changes = { ...common, isReadOnly: false, isIdempotent: true, ticket: 'always' } as const;

export const backupsState = {
  ...reads,
  name: 'backups.state',
  permission: 'backups.read',
  params: z.strictObject({}),
  result: backupState,
  summary: 'Targets, plans, keys and proofs in one look',
} as const satisfies AgentAction;

export const backupsSources = {
  ...reads,
  name: 'backups.sources',
  permission: 'backups.read',
  params: z.strictObject({}),
  result: backupSources,
  summary: 'Sites and databases that can be saved',
} as const satisfies AgentAction;

export const backupsSets = {
  ...reads,
  name: 'backups.sets',
  permission: 'backups.read',
  params: z.strictObject({
    targetId: id.nullable(),
    planId: id.nullable(),
    setId: id.nullable(),
    part: z.string().max(4200).nullable(),
    offset: z.int().min(0),
    limit: z.int().min(1).max(200),
  }),
  result: z.object({ items: z.array(backupSet), total: z.int() }),
  summary: 'Complete backups, newest first',
} as const satisfies AgentAction;

export const backupsMembers = {
  ...reads,
  name: 'backups.members',
  permission: 'backups.restore',
  params: z.strictObject({
    targetId: id,
    setId: id,
    part: z.string().max(4200),
    folder: z.string().max(4096),
    offset: z.int().min(0),
    limit: z.int().min(1).max(200),
  }),
  result: z.object({ items: z.array(backupMember), total: z.int() }),
  summary: 'Files of one folder of a part, from the signed list',
} as const satisfies AgentAction;

/** Starts a run, or finds it: asking again with the same id never starts a second one. */
export const backupsStart = {
  ...changes,
  name: 'backups.start',
  permission: 'backups.create',
  /** Needed for restore (not dry), fetch, prune (not dry), remove, export and import, which also want their own permission. */
  ticket: 'depends',
  params: z.strictObject({ runId: id, request: backupRequest }),
  result: z.object({ run: backupRun }),
  summary: 'Start a backup, verification, restore test, restore, prune, export or import',
} as const satisfies AgentAction;

export const backupsRun = {
  ...reads,
  name: 'backups.run',
  permission: 'backups.read',
  params: z.strictObject({ runId: id, offset: z.int().min(0) }),
  result: z.object({
    /** null: not known. */
    run: backupRun.nullable(),
    /** Log text from `offset`, cut at a line end, at most 64 KiB. */
    text: z.string(),
    nextOffset: z.int(),
    report: z.array(reportLine),
    isReportCut: z.boolean(),
  }),
  summary: 'State, log and report of a run',
} as const satisfies AgentAction;

export const backupsRuns = {
  ...reads,
  name: 'backups.runs',
  permission: 'backups.read',
  params: z.strictObject({ offset: z.int().min(0), limit: z.int().min(1).max(200) }),
  result: z.object({ items: z.array(backupRun), total: z.int() }),
  summary: 'Runs, newest first',
} as const satisfies AgentAction;

export const backupsCancel = {
  ...changes,
  name: 'backups.cancel',
  permission: 'backups.create',
  ticket: 'never',
  params: z.strictObject({ runId: id }),
  result: z.object({ wasRunning: z.boolean() }),
  summary: 'Stop a run at a point where everything is whole',
} as const satisfies AgentAction;

/** A piece of the file that a `fetch` run brought. */
export const backupsReadDownload = {
  ...reads,
  name: 'backups.read_download',
  permission: 'backups.restore',
  params: z.strictObject({ runId: id, offset: z.int().min(0) }),
  result: z.object({ fileName: z.string(), bytes: z.int(), base64: z.string(), isEnd: z.boolean() }),
  summary: 'Read a fetched file piece by piece',
} as const satisfies AgentAction;

export const backupsPutTarget = {
  ...changes,
  name: 'backups.put_target',
  permission: 'backups.manage',
  params: z.strictObject({
    targetId: id,
    name: line(100, 1),
    place: targetPlace,
    limits: targetLimits,
    secret: targetSecret.nullable(),
  }),
  result: backupState,
  summary: 'Add or change a target',
} as const satisfies AgentAction;

export const backupsRemoveTarget = {
  ...changes,
  name: 'backups.remove_target',
  permission: 'backups.manage',
  params: z.strictObject({ targetId: id }),
  result: backupState,
  summary: 'Forget a target; what is stored there stays',
} as const satisfies AgentAction;

export const backupsPutHook = {
  ...changes,
  name: 'backups.put_hook',
  permission: 'backups.manage',
  params: hookBody.extend({ hookId: id }),
  result: backupState,
  summary: 'Add or change who is told when a backup fails',
} as const satisfies AgentAction;

export const backupsRemoveHook = {
  ...changes,
  name: 'backups.remove_hook',
  permission: 'backups.manage',
  params: z.strictObject({ hookId: id }),
  result: backupState,
  summary: 'Tell a hook nothing any more',
} as const satisfies AgentAction;

/** Goes to the address that a person with a ticket has put there, and says nothing but that it is a test. */
export const backupsTestHook = {
  ...changes,
  name: 'backups.test_hook',
  permission: 'backups.manage',
  ticket: 'never',
  isIdempotent: false,
  params: z.strictObject({ hookId: id }),
  result: z.object({ outcome: hookOutcome }),
  summary: 'Send a test message and answer how it went',
} as const satisfies AgentAction;

export const backupsPutPlan = {
  ...changes,
  name: 'backups.put_plan',
  permission: 'backups.manage',
  params: z.strictObject({ planId: id, plan: backupPlan }),
  result: backupState,
  summary: 'Add or change a plan',
} as const satisfies AgentAction;

export const backupsRemovePlan = {
  ...changes,
  name: 'backups.remove_plan',
  permission: 'backups.manage',
  params: z.strictObject({ planId: id }),
  result: backupState,
  summary: 'Remove a plan; its backups stay',
} as const satisfies AgentAction;

export const backupsPin = {
  ...changes,
  name: 'backups.pin',
  permission: 'backups.manage',
  ticket: 'never',
  params: z.strictObject({ targetId: id, setId: id, isPinned: z.boolean() }),
  result: backupSet,
  summary: 'Keep a backup whatever the retention says',
} as const satisfies AgentAction;

export const backupsKeys = {
  ...changes,
  name: 'backups.keys',
  permission: 'backups.manage',
  isIdempotent: false,
  params: backupsApi.keys.body,
  /** The recovery key is answered once and kept nowhere. */
  result: backupsApi.keys.response,
  // Re-wrapping opens every target.
  timeoutMs: 120_000,
  summary: 'Rotate or retire a key, or make a new recovery key',
} as const satisfies AgentAction;

/**
 * Makes sites again that a restore has left word of in the agent's own folder, where only root writes: whoever asks, it
 * does what is written there and nothing else.
 */
export const backupsReviveSites = {
  ...changes,
  name: 'backups.revive_sites',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    sites: z.array(
      z.object({ slug: z.string(), linuxUser: z.string(), uid: z.int().nullable(), reason: z.string().nullable() }),
    ),
  }),
  timeoutMs: 120_000,
  summary: 'Make sites again whose files a restore brings back',
} as const satisfies AgentAction;

export const backupsPreviewRetention = {
  ...reads,
  name: 'backups.preview_retention',
  permission: 'backups.read',
  params: z.strictObject({ targetId: id, planId: id.nullable(), retention }),
  result: backupsApi.previewRetention.response,
  summary: 'What a retention would keep, and what would go',
} as const satisfies AgentAction;

/**
 * What `main.ts --backups-due` does, for machines whose timer is the panel: starts the planned backups and restore tests
 * that are due. Asking twice starts nothing twice. Where systemd has the timer it answers with nothing.
 */
export const backupsDue = {
  ...changes,
  name: 'backups.due',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ runIds: z.array(id) }),
  summary: 'Start what is due',
} as const satisfies AgentAction;

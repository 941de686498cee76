import { z } from 'zod';
import {
  databaseFacts,
  databasePassword,
  databaseRemovalPreview,
  databaseServer,
  knownDatabase,
  removedDatabase,
  runFailure,
} from '../databases.ts';
import { id } from '../http.ts';
import type { AgentAction } from './action.ts';

const databaseRef = z.strictObject({ databaseId: id });

export const databasesList = {
  name: 'databases.list',
  permission: 'databases.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    servers: z.array(databaseServer),
    items: z.array(knownDatabase),
    removed: z.array(removedDatabase),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: 'Database servers, their databases with owner and size, and deleted ones that are kept; no passwords',
} as const satisfies AgentAction;

/** The same id never makes a second one. */
export const databasesCreate = {
  name: 'databases.create',
  permission: 'databases.manage',
  ticket: 'never',
  params: databaseFacts,
  result: knownDatabase,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 16 * 1024,
  summary: 'Make a database with a user of its own that has all rights on it and no others; both or neither',
} as const satisfies AgentAction;

/** What a site that was not made leaves. Refused when anything is in it. */
export const databasesDiscard = {
  name: 'databases.discard',
  permission: 'databases.manage',
  ticket: 'never',
  params: databaseRef,
  result: z.object({ isGone: z.boolean() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 1_024,
  summary: 'Take back a database that is empty, with its user',
} as const satisfies AgentAction;

export const databasesLink = {
  name: 'databases.link',
  permission: 'databases.manage',
  ticket: 'never',
  params: databaseRef.extend({ siteId: id.nullable() }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1_024,
  summary: 'Note which site a database belongs to',
} as const satisfies AgentAction;

export const databasesShowPassword = {
  name: 'databases.show_password',
  permission: 'databases.manage',
  ticket: 'always',
  params: databaseRef,
  result: z.object({ password: z.string() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1_024,
  summary: "Hand out the password of a database's user",
} as const satisfies AgentAction;

export const databasesChangePassword = {
  name: 'databases.change_password',
  permission: 'databases.manage',
  ticket: 'always',
  params: databaseRef.extend({ password: databasePassword.nullable() }),
  result: z.object({ password: z.string() }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 60_000,
  maxResultBytes: 4 * 1_024,
  summary: "Give a database's user another password, tried before it counts",
} as const satisfies AgentAction;

export const databasesPreviewRemoval = {
  name: 'databases.preview_removal',
  permission: 'databases.manage',
  ticket: 'never',
  params: databaseRef,
  result: databaseRemovalPreview,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 16 * 1_024,
  summary: 'What deleting a database would remove',
} as const satisfies AgentAction;

/** As it is answered when a run is started. */
export const runState = z.object({ state: z.enum(['running', 'succeeded', 'failed']) });

/** Starts (or finds) a run that outlives web process and agent; poll with `databases.run`. */
export const databasesRemove = {
  name: 'databases.remove',
  permission: 'databases.manage',
  ticket: 'always',
  params: databaseRef.extend({ runId: id, confirm: z.string().regex(/^[0-9a-f]{64}$/) }),
  result: runState,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 4 * 1_024,
  summary: 'Start keeping a dump of a database and deleting it with its user',
} as const satisfies AgentAction;

export const databasesRestore = {
  name: 'databases.restore',
  permission: 'databases.manage',
  ticket: 'never',
  params: z.strictObject({ removalId: id, runId: id }),
  result: runState,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 4 * 1_024,
  summary: 'Start bringing a deleted database back with its user',
} as const satisfies AgentAction;

export const databasesDiscardRemoved = {
  name: 'databases.discard_removed',
  permission: 'databases.manage',
  ticket: 'always',
  params: z.strictObject({ removalId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 1_024,
  summary: 'Delete the kept dump of a deleted database for good',
} as const satisfies AgentAction;

export const databasesRun = {
  name: 'databases.run',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ runId: id, offset: z.int().min(0) }),
  result: z.object({
    /** null: the agent knows no such run. */
    run: z
      .object({
        /** `interrupted`: its process is gone; `databases.resume` takes it up again. */
        state: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']),
        /** 0 to 100 of the file that is loaded; null: not known. */
        progress: z.int().nullable(),
        failure: runFailure.nullable(),
      })
      .nullable(),
    /** Log text from `offset`, cut at a line end. */
    text: z.string(),
    nextOffset: z.int(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 256 * 1_024,
  summary: 'State and log of the deletion, restore or import of a database',
} as const satisfies AgentAction;

/** Only what a person has started before. */
export const databasesResume = {
  name: 'databases.resume',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ runId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 1_024,
  summary: 'Take up the deletion, restore or import of a database whose process is gone',
} as const satisfies AgentAction;

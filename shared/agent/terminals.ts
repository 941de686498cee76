import { z } from 'zod';
import { id } from '../http.ts';
import { recordingPiece, recordingSettings, terminalRecording } from '../terminal-recordings.ts';
import { recordingRule, terminal, terminalKey, terminalSize } from '../terminals.ts';
import type { AgentAction } from './action.ts';
import { slug } from './slug.ts';

/** Where the web process meets a terminal; only root and the panel's group come there, and only with the key in. */
const reached = terminal.extend({ socketPath: z.string() });
export type ReachedTerminal = z.infer<typeof reached>;

export const terminalsClose = {
  name: 'terminals.close',
  permission: 'terminals.use',
  ticket: 'never',
  params: z.strictObject({ terminalId: id }),
  result: z.object({ terminal }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 20_000,
  maxResultBytes: 4 * 1024,
  summary: "End one of the person's terminals with everything that runs in it",
} as const satisfies AgentAction;

/** How a shell ended, also when nobody looked. */
const terminalEnd = z.object({
  terminalId: id,
  person: z.object({ id: z.string(), name: z.string() }),
  kind: terminal.shape.kind,
  user: z.string(),
  startedAt: z.int(),
  /** Epoch ms. */
  endedAt: z.int(),
  /** `ended`: by itself; `idle`: nobody looked at it for too long; `closed`: by somebody, or with the machine. */
  why: z.enum(['ended', 'idle', 'closed']),
  exitCode: z.int().nullable(),
});
export type TerminalEnd = z.infer<typeof terminalEnd>;

export const terminalsEnds = {
  name: 'terminals.ends',
  permission: 'panel',
  ticket: 'never',
  /** Those that stand in the audit log by now: they are forgotten here. */
  params: z.strictObject({ known: z.array(id).max(100) }),
  result: z.object({
    /** Oldest first, at most 100. */
    items: z.array(terminalEnd),
    /** Of everybody. */
    open: z.int(),
  }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 128 * 1024,
  summary: 'How terminals ended that the audit log does not have yet',
} as const satisfies AgentAction;

export const terminalsEnter = {
  name: 'terminals.enter',
  permission: 'terminals.use',
  // For those that are no site's.
  ticket: 'depends',
  params: z.strictObject({ terminalId: id }),
  result: z.object({ key: terminalKey, terminal }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 5_000,
  maxResultBytes: 4 * 1024,
  summary: "A further key for one of the person's terminals",
} as const satisfies AgentAction;

export const terminalsList = {
  name: 'terminals.list',
  permission: 'terminals.use',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ items: z.array(reached), recording: recordingRule }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 64 * 1024,
  summary: "The person's terminals",
} as const satisfies AgentAction;

export const terminalsOpen = {
  name: 'terminals.open',
  permission: 'terminals.use',
  // For root, and for another server.
  ticket: 'depends',
  params: z.strictObject({
    ...terminalSize.shape,
    /** The person wishes it. */
    isRecorded: z.boolean().optional(),
    as: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('root') }),
      z.strictObject({ kind: z.literal('host'), hostId: id }),
      z.strictObject({ kind: z.literal('site'), site: z.strictObject({ siteId: id, slug }) }),
    ]),
  }),
  result: z.object({ key: terminalKey, terminal: reached }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 45_000,
  maxResultBytes: 4 * 1024,
  summary: "Start a shell as a site's user, as root, or over SSH on a saved host, in a process of its own",
} as const satisfies AgentAction;

export const terminalsReadRecording = {
  name: 'terminals.read_recording',
  permission: 'terminals.use',
  // For those that are no site's, and for another person's.
  ticket: 'depends',
  params: z.strictObject({ recordingId: id, offset: z.int().min(0) }),
  result: recordingPiece,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 6 * 1024 * 1024,
  summary: 'Up to 4 MiB of the recording of a terminal from a byte on',
} as const satisfies AgentAction;

export const terminalsRecordings = {
  name: 'terminals.recordings',
  permission: 'terminals.use',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ items: z.array(terminalRecording), settings: recordingSettings }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024 * 1024,
  summary: "Recordings of the person's terminals, or of everybody's with the permission for root's; and the settings",
} as const satisfies AgentAction;

export const terminalsRemoveRecording = {
  name: 'terminals.remove_recording',
  permission: 'terminals.root',
  ticket: 'always',
  params: z.strictObject({ recordingId: id }),
  result: z.object({ recording: terminalRecording }),
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024,
  summary: 'Throw the recording of a terminal away',
} as const satisfies AgentAction;

export const terminalsSetRecording = {
  name: 'terminals.set_recording',
  permission: 'terminals.root',
  ticket: 'always',
  params: recordingSettings,
  result: z.object({ before: recordingSettings }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary: 'Whose terminals are recorded, and for how long recordings are kept',
} as const satisfies AgentAction;

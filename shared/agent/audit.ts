import { z } from 'zod';
import { id, instant } from '../http.ts';
import type { AgentAction } from './action.ts';

/*
 * The audit log's home: a chain of HMACs in root-only files. The web process adds and reads; nobody changes.
 */

const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f]*$/);

export const auditOutcomes = ['started', 'done', 'refused', 'failed'] as const;

/** One line to add. An action has two: `started` before it, its outcome after it, with the same `entryId`. */
export const auditAddition = z.strictObject({
  entryId: id,
  outcome: z.enum(auditOutcomes),
  /** When it happened, by the web process; the chain keeps its own time besides. */
  at: instant,
  actorId: z.string().max(64).nullable(),
  actorName: text(128),
  action: text(64),
  target: text(255),
  address: text(64),
  requestId: text(64),
  /** JSON of what is worth knowing: before, after, reason. Never a secret. */
  detail: z.string().max(16 * 1024),
});
export type AuditAddition = z.infer<typeof auditAddition>;

/** A line as it stands in the chain. `mac` is HMAC-SHA256 over everything before it, and over the line before. */
export const auditLine = auditAddition.extend({
  sequence: z.int().min(1),
  writtenAt: instant,
  mac: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AuditLine = z.infer<typeof auditLine>;

/**
 * `actorId` of lines that no web process added: what root did at the console, and what the agent says of the log itself.
 * The panel's index has no rows for them.
 */
export const auditActorsOfAgent: readonly (string | null)[] = ['agent', 'console'];

/** Durable when it answers. An entry that was added already (same id and outcome, as the last ones) is not added again. */
export const auditAppend = {
  name: 'audit.append',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ additions: z.array(auditAddition).min(1).max(100) }),
  result: z.object({ lines: z.array(z.object({ sequence: z.int(), mac: z.string() })) }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 64 * 1024,
  summary: 'Add lines to the audit log',
} as const satisfies AgentAction;

/** Lines from a number on, oldest first, for export and for comparing with the panel's index. */
export const auditRead = {
  name: 'audit.read',
  permission: 'audit.read',
  ticket: 'never',
  params: z.strictObject({ from: z.int().min(1), limit: z.int().min(1).max(500) }),
  result: z.object({ lines: z.array(auditLine), last: z.int() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 16 * 1024 * 1024,
  summary: 'Read the audit log from a line on',
} as const satisfies AgentAction;

/** Walks the whole chain. `fault` names the first line that was changed, removed or moved. */
export const auditVerify = {
  name: 'audit.verify',
  permission: 'audit.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    lineCount: z.int(),
    fault: z
      .object({
        sequence: z.int(),
        kind: z.enum(['changed', 'missing', 'moved', 'cut_off', 'unreadable']),
        file: z.string(),
      })
      .nullable(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 120_000,
  maxResultBytes: 4096,
  summary: 'Check the chain of the audit log',
} as const satisfies AgentAction;

import { z } from 'zod';
import { id, instant, pageOf, pageQuery, type Operation } from './http.ts';

export const auditRow = z.object({
  id,
  at: instant,
  actor: z.object({ id: z.string().nullable(), name: z.string() }),
  action: z.string(),
  target: z.string(),
  outcome: z.enum(['started', 'done', 'refused', 'failed']),
  address: z.string(),
  requestId: z.string(),
  detail: z.record(z.string(), z.unknown()),
  /** Number in the chain; null until the agent has it. */
  sequence: z.int().nullable(),
});
export type AuditRow = z.infer<typeof auditRow>;

/** All of them together. */
export const auditFilter = z.object({
  action: z.string().max(60).optional(),
  actor: z.string().max(128).optional(),
  outcome: z.enum(['started', 'done', 'refused', 'failed']).optional(),
  /** Part of target, actor, address or request id; as typed, no wildcards. */
  search: z.string().max(200).optional(),
  since: instant.optional(),
  until: instant.optional(),
});

export const auditApi = {
  list: {
    id: 'listAudit',
    method: 'GET',
    path: '/api/v1/audit',
    access: 'audit.read',
    summary: 'Who did what, newest first',
    query: pageQuery.extend(auditFilter.shape),
    response: pageOf(auditRow),
  },
  /** At most 50,000 rows; in CSV a field that a spreadsheet would run begins with an apostrophe (OUT-3). */
  export: {
    id: 'exportAudit',
    method: 'GET',
    path: '/api/v1/audit/export',
    access: 'audit.read',
    summary: 'The filtered audit log as a file',
    query: auditFilter.extend({ format: z.enum(['json', 'csv']) }),
    response: z.string(),
  },
  verify: {
    id: 'verifyAudit',
    method: 'POST',
    path: '/api/v1/audit/verify',
    access: 'audit.read',
    summary: 'Check the chain of the log, and this index against it',
    response: z.object({
      lineCount: z.int(),
      rowCount: z.int(),
      /** null: whole. */
      fault: z
        .object({
          sequence: z.int(),
          kind: z.enum(['changed', 'missing', 'moved', 'cut_off', 'unreadable', 'index_differs']),
        })
        .nullable(),
    }),
  },
} as const satisfies Record<string, Operation>;

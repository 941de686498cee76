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
});

export const auditApi = {
  list: {
    id: 'listAudit',
    method: 'GET',
    path: '/api/v1/audit',
    access: 'audit.read',
    summary: 'Who did what, newest first',
    query: pageQuery.extend({ action: z.string().max(60).optional() }),
    response: pageOf(auditRow),
  },
} as const satisfies Record<string, Operation>;

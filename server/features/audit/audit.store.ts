import type { z } from 'zod';
import type { auditRow } from '#shared/audit.ts';
import type { Db } from '../../db/schema.ts';

export type AuditQuery = { readonly page: number; readonly pageSize: number; readonly action?: string | undefined };

/** One page, newest first, and the number of all that fit. */
export async function listAudit(
  db: Db,
  { page, pageSize, action }: AuditQuery,
): Promise<{ items: z.input<typeof auditRow>[]; total: number }> {
  let rows = db.selectFrom('audit');
  if (action !== undefined) rows = rows.where('action', '=', action);
  const [{ total }, found] = await Promise.all([
    rows.select(({ fn }) => fn.countAll().as('total')).executeTakeFirstOrThrow(),
    rows
      .selectAll()
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute(),
  ]);
  return {
    total: Number(total),
    items: found.map((row) => ({
      id: row.id,
      at: new Date(row.at).toISOString(),
      actor: { id: row.actor_id, name: row.actor_name },
      action: row.action,
      target: row.target,
      outcome: row.outcome,
      address: row.address,
      requestId: row.request_id,
      detail: JSON.parse(row.detail_json) as Record<string, unknown>,
    })),
  };
}

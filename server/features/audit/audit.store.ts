import { sql } from 'kysely';
import type { z } from 'zod';
import type { auditFilter, AuditRow } from '#shared/audit.ts';
import type { AuditRow as StoredRow } from '../../core/audit-rows.ts';
import type { Db } from '../../db/schema.ts';

export type AuditFilter = z.output<typeof auditFilter>;
export type AuditQuery = AuditFilter & { readonly page: number; readonly pageSize: number };

/** One page, newest first, and the number of all that fit. */
export async function listAudit(
  db: Db,
  { page, pageSize, ...filter }: AuditQuery,
): Promise<{ items: AuditRow[]; total: number }> {
  const rows = filtered(db, filter);
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
  return { total: Number(total), items: found.map(toAuditRow) };
}

/** Rows that fit, newest first, in pieces; `limit` of all of them together. */
export async function* readAudit(db: Db, filter: AuditFilter, limit: number): AsyncGenerator<AuditRow[]> {
  const pieceSize = 1_000;
  let before: StoredRow | undefined;
  for (let left = limit; left > 0; left -= pieceSize) {
    let rows = filtered(db, filter);
    if (before !== undefined) {
      const { at, id } = before;
      rows = rows.where((where) =>
        where.or([where('at', '<', at), where.and([where('at', '=', at), where('id', '<', id)])]),
      );
    }
    const found = await rows
      .selectAll()
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(Math.min(left, pieceSize))
      .execute();
    if (found.length > 0) yield found.map(toAuditRow);
    before = found.at(-1);
    if (found.length < pieceSize) return;
  }
}

/** Every value is bound; `%` and `_` of a search are what they are. */
function filtered(db: Db, { action, actor, outcome, search, since, until }: AuditFilter) {
  let rows = db.selectFrom('audit');
  if (action !== undefined && action !== '') rows = rows.where('action', '=', action);
  if (actor !== undefined && actor !== '') rows = rows.where('actor_name', '=', actor);
  if (outcome !== undefined) rows = rows.where('outcome', '=', outcome);
  if (since !== undefined) rows = rows.where('at', '>=', Date.parse(since));
  if (until !== undefined) rows = rows.where('at', '<=', Date.parse(until));
  if (search !== undefined && search !== '') {
    const pattern = `%${search.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
    rows = rows.where(
      sql<boolean>`(lower(target) like ${pattern} escape '!' or lower(actor_name) like ${pattern} escape '!' or lower(address) like ${pattern} escape '!' or lower(request_id) like ${pattern} escape '!')`,
    );
  }
  return rows;
}

function toAuditRow(row: StoredRow): AuditRow {
  const isEndMissing = row.outcome !== 'started' && row.end_sequence === null;
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    actor: { id: row.actor_id, name: row.actor_name },
    action: row.action,
    target: row.target,
    outcome: row.outcome,
    address: row.address,
    requestId: row.request_id,
    detail: JSON.parse(row.detail_json) as Record<string, unknown>,
    sequence: isEndMissing ? null : (row.end_sequence ?? row.start_sequence),
  };
}

import type { Selectable } from 'kysely';
import type { AuditAddition } from '#shared/agent/audit.ts';
import type { Db } from '../db/schema.ts';
import type { AuditTable } from '../db/tables/core.ts';

export type AuditRow = Selectable<AuditTable>;

/** A row is two lines of the chain: that it started, and how it ended. */
export type AuditPart = 'start' | 'end';

type Wanted = { readonly rowId: string; readonly part: AuditPart; readonly addition: AuditAddition };

/** Lines of this row that the chain lacks, in their order. */
export function additionsOf(row: AuditRow): Wanted[] {
  const wanted: Wanted[] = [];
  const of = (part: AuditPart, outcome: AuditRow['outcome'], at: number) => {
    wanted.push({ rowId: row.id, part, addition: additionOf(row, outcome, at) });
  };
  if (row.has_start === 1 && row.start_sequence === null) of('start', 'started', row.at);
  if (row.outcome !== 'started' && row.end_sequence === null) of('end', row.outcome, row.ended_at ?? row.at);
  return wanted;
}

function additionOf(row: AuditRow, outcome: AuditRow['outcome'], at: number): AuditAddition {
  return {
    entryId: row.id,
    outcome,
    at: new Date(at).toISOString(),
    actorId: row.actor_id,
    actorName: row.actor_name,
    action: row.action,
    target: row.target,
    address: row.address,
    requestId: row.request_id,
    detail: row.detail_json,
  };
}

/** Rows that the chain lacks something of, oldest first. One that is under way (`started`, and the chain has it) is none. */
export async function listPending(db: Db, before: number, limit: number): Promise<AuditRow[]> {
  return db
    .selectFrom('audit')
    .selectAll()
    .where('is_pending', '=', 1)
    .where('at', '<=', before)
    .orderBy('at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Notes where the lines stand in the chain. */
export async function markShipped(
  db: Db,
  lines: readonly { rowId: string; part: AuditPart; sequence: number; mac: string }[],
): Promise<void> {
  const byRow = new Map<string, typeof lines>();
  for (const line of lines) byRow.set(line.rowId, [...(byRow.get(line.rowId) ?? []), line]);
  for (const [rowId, parts] of byRow) {
    const columns: Partial<AuditRow> = { is_pending: 0 };
    for (const { part, sequence, mac } of parts) {
      Object.assign(
        columns,
        part === 'start' ? { start_sequence: sequence, start_mac: mac } : { end_sequence: sequence, end_mac: mac },
      );
    }
    await db.updateTable('audit').set(columns).where('id', '=', rowId).execute();
  }
}

/** Control characters have no place in a line of the log; each becomes a space. Never ends within a surrogate pair. */
export function cleanText(text: string, max: number): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
    .toWellFormed()
    .slice(0, max)
    .replace(/[\ud800-\udbff]$/, '');
}

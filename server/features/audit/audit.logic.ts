import type { z } from 'zod';
import type { ActionResult } from '#shared/agent/action.ts';
import type { AuditLine, auditRead, auditVerify } from '#shared/agent/audit.ts';
import type { auditApi } from '#shared/audit.ts';
import type { Context } from '../../context.ts';
import { additionsOf, type AuditRow } from '../../core/audit-rows.ts';
import type { Db } from '../../db/schema.ts';

/** Where the chain is read: over the agent's socket, or from its files by who is root. */
export type ChainReader = {
  verify(): Promise<ActionResult<typeof auditVerify>>;
  read(from: number, limit: number): Promise<ActionResult<typeof auditRead>>;
};

export type AuditVerdict = z.output<typeof auditApi.verify.response>;

const pieceSize = 500;
/** Rows that began this shortly before may still be on their way. */
const settledMs = 15_000;

/** The chain as the agent answers it to this actor. */
export function chainOf(
  { agent }: Pick<Context, 'agent'>,
  options: { readonly actor: { readonly id: string; readonly name: string }; readonly requestId: string },
): ChainReader {
  return {
    verify: () => agent.call('audit.verify', {}, options),
    read: (from, limit) => agent.call('audit.read', { from, limit }, options),
  };
}

/**
 * Checks the whole chain, and then this panel's index against it: a row that was changed, added or removed differs
 * (`index_differs`, with the first number it concerns). Rows that still wait for the agent are not counted.
 */
export async function verifyAudit(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  chain: ChainReader,
): Promise<AuditVerdict> {
  const startedAt = clock.now();
  const { lineCount, fault } = await chain.verify();
  const rowCount = await countRows(db);
  if (fault !== null) return { lineCount, rowCount, fault: { sequence: fault.sequence, kind: fault.kind } };
  let seen = 0;
  for (let from = 1; from <= lineCount; from += pieceSize) {
    const { lines } = await chain.read(from, Math.min(pieceSize, lineCount - from + 1));
    const rows = await rowsOf(db, lines);
    for (const line of lines) {
      if (!isSame(line, rows.get(line.entryId), startedAt)) {
        return { lineCount, rowCount, fault: { sequence: line.sequence, kind: 'index_differs' } };
      }
    }
    seen += lines.length;
  }
  const beyond = await findBeyond(db, seen);
  return { lineCount, rowCount, fault: beyond === undefined ? null : { sequence: beyond, kind: 'index_differs' } };
}

async function rowsOf(db: Db, lines: readonly AuditLine[]): Promise<Map<string, AuditRow>> {
  const ids = [...new Set(lines.map(({ entryId }) => entryId))];
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('audit').selectAll().where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Of a row that has ended, the first line says only what cannot change any more: who, what and how it went came later. */
function isSame(line: AuditLine, row: AuditRow | undefined, startedAt: number): boolean {
  if (row === undefined) return false;
  const isStart = line.outcome === 'started';
  const [sequence, mac] = isStart ? [row.start_sequence, row.start_mac] : [row.end_sequence, row.end_mac];
  // The line is in the chain, and its number has not come back yet.
  if (sequence === null) return row.is_pending === 1 || row.at >= startedAt - settledMs;
  if (sequence !== line.sequence || mac !== line.mac) return false;
  const unsent = { start_sequence: null, end_sequence: null };
  const wanted = additionsOf({ ...row, ...unsent }).find(({ part }) => part === (isStart ? 'start' : 'end'))?.addition;
  if (wanted === undefined) return false;
  const isFirstOfTwo = isStart && row.outcome !== 'started';
  const fields = isFirstOfTwo ? firstFields : allFields;
  return fields.every((field) => wanted[field] === line[field]);
}

const firstFields = ['at', 'action', 'address', 'requestId'] as const;
const allFields = [...firstFields, 'outcome', 'actorId', 'actorName', 'target', 'detail'] as const;

async function countRows(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('audit')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** A number that a row claims and the chain does not have. */
async function findBeyond(db: Db, last: number): Promise<number | undefined> {
  // Lines that came while this was looking are no fault: they are in the chain by now.
  const row = await db
    .selectFrom('audit')
    .select(['start_sequence', 'end_sequence', 'at'])
    .where((where) => where.or([where('start_sequence', '>', last), where('end_sequence', '>', last)]))
    .orderBy('at')
    .executeTakeFirst();
  return row === undefined ? undefined : (row.start_sequence ?? row.end_sequence ?? last);
}

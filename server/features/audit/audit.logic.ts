import type { z } from 'zod';
import type { ActionResult } from '#shared/agent/action.ts';
import { auditActorsOfAgent, type AuditLine, type auditRead, type auditVerify } from '#shared/agent/audit.ts';
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
  let matched = 0;
  for (let from = 1; from <= lineCount; from += pieceSize) {
    const { lines } = await chain.read(from, Math.min(pieceSize, lineCount - from + 1));
    const rows = await rowsOf(db, lines);
    for (const line of lines) {
      const row = rows.get(line.entryId);
      if (!isSame(line, row, startedAt)) return { lineCount, rowCount, fault: differs(line.sequence) };
      if (row !== undefined && claimOf(row, line) !== null) matched += 1;
    }
    seen += lines.length;
  }
  const stray = (await findBeyond(db, chain, seen)) ?? (await findDoubled(db, seen, matched));
  return { lineCount, rowCount, fault: stray === undefined ? null : differs(stray) };
}

const differs = (sequence: number) => ({ sequence, kind: 'index_differs' as const });

/** The number that a row claims for this line. */
function claimOf(row: AuditRow, line: AuditLine): number | null {
  return line.outcome === 'started' ? row.start_sequence : row.end_sequence;
}

async function rowsOf(db: Db, lines: readonly AuditLine[]): Promise<Map<string, AuditRow>> {
  const ids = [...new Set(lines.map(({ entryId }) => entryId))];
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('audit').selectAll().where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Of a row that has ended, the first line says only what cannot change any more: who, what and how it went came later. */
function isSame(line: AuditLine, row: AuditRow | undefined, startedAt: number): boolean {
  if (row === undefined) return auditActorsOfAgent.includes(line.actorId);
  const isStart = line.outcome === 'started';
  const [sequence, mac] = isStart ? [row.start_sequence, row.start_mac] : [row.end_sequence, row.end_mac];
  // The line is in the chain, and its number has not come back yet: the rest must be the same all the same.
  const isOnItsWay = sequence === null && (row.is_pending === 1 || row.at >= startedAt - settledMs);
  if (!isOnItsWay && (sequence !== line.sequence || mac !== line.mac)) return false;
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

/** A number that a row claims and the chain does not have, also not by now. */
async function findBeyond(db: Db, chain: ChainReader, last: number): Promise<number | undefined> {
  const rows = await db
    .selectFrom('audit')
    .select(['start_sequence', 'end_sequence'])
    .where((where) => where.or([where('start_sequence', '>', last), where('end_sequence', '>', last)]))
    .execute();
  if (rows.length === 0) return undefined;
  const { last: lastNow } = await chain.read(Math.max(1, last), 1);
  const claims = rows.flatMap(({ start_sequence, end_sequence }) => [start_sequence ?? 0, end_sequence ?? 0]);
  return claims.filter((claim) => claim > lastNow).sort((a, b) => a - b)[0];
}

/** A number that two rows claim: one of them was put there by hand. */
async function findDoubled(db: Db, last: number, matched: number): Promise<number | undefined> {
  const count = async (column: 'start_sequence' | 'end_sequence') => {
    const query = db.selectFrom('audit').select(({ fn }) => fn.countAll().as('count'));
    return Number((await query.where(column, '<=', last).executeTakeFirstOrThrow()).count);
  };
  if ((await count('start_sequence')) + (await count('end_sequence')) <= matched) return undefined;
  const rows = await db.selectFrom('audit').select(['start_sequence', 'end_sequence']).execute();
  const seen = new Set<number>();
  for (const sequence of rows.flatMap((row) => [row.start_sequence, row.end_sequence])) {
    if (sequence === null) continue;
    if (seen.has(sequence)) return sequence;
    seen.add(sequence);
  }
  return undefined;
}

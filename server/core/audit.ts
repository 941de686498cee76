import type { AuditAddition } from '#shared/agent/audit.ts';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import type { Db } from '../db/schema.ts';
import { panelActor, type AgentClient } from './agent-client.ts';
import { additionsOf, cleanText, listPending, markShipped, type AuditRow } from './audit-rows.ts';
import type { Clock } from './clock.ts';
import { newId } from './id.ts';
import type { Log } from './log.ts';

/** One mutation, before it happens. `detail` is filled while it runs; never put secrets into it. */
export type AuditEntry = {
  /** null: nobody was signed in, or the machine itself. */
  actor: { readonly id: string | null; readonly name: string } | null;
  readonly action: string;
  target: string;
  readonly address: string;
  readonly requestId: string;
  readonly detail: Record<string, unknown>;
  /** It may happen while the agent is away: the row waits here and is handed on later. */
  readonly mayWait?: boolean;
};

export type AuditRecord = {
  /** Writes the outcome with the detail collected since; `extra` is added to it. */
  finish(outcome: 'done' | 'refused' | 'failed', extra?: Record<string, unknown>): Promise<void>;
};

export type Audit = {
  /** Writes the row with outcome `started`. Throws when it cannot: then the action must not happen. */
  begin(entry: AuditEntry): Promise<AuditRecord>;
  /** Writes a row for what is over already. */
  record(entry: AuditEntry, outcome: 'done' | 'refused' | 'failed'): Promise<void>;
  /** Hands the agent what it lacks, oldest first; returns how many rows that were. Throws when it is away. */
  ship(): Promise<number>;
};

/** Longest JSON of one row's detail; more is replaced by a mark. */
const maxDetailLength = 16 * 1024;
const shipBatch = 40;
/** Rows younger than this are still being written by whoever made them. */
const settledMs = 15_000;

type Parts = {
  readonly db: Db;
  readonly clock: Clock;
  /** Without it (on the console) every row waits for the web process to hand it on. */
  readonly agent?: AgentClient;
  readonly log?: Log;
};

/**
 * The audit log: each line goes into the agent's chain, which only root can change; the table here is its index, for
 * searching.
 */
export function createAudit({ db, clock, agent, log }: Parts): Audit {
  async function insert(entry: AuditEntry, outcome: AuditRow['outcome']): Promise<AuditRow> {
    const now = clock.now();
    const isOver = outcome !== 'started';
    const row: AuditRow = {
      id: newId(),
      at: now,
      action: entry.action.slice(0, 64),
      outcome,
      ...changeable(entry),
      ended_at: isOver ? now : null,
      has_start: isOver ? 0 : 1,
      start_sequence: null,
      start_mac: null,
      end_sequence: null,
      end_mac: null,
      is_pending: 1,
    };
    await db.insertInto('audit').values(row).execute();
    return row;
  }

  /** Puts what the chain lacks of these rows into it. */
  async function append(rows: readonly AuditRow[], requestId: string): Promise<void> {
    const wanted = rows.flatMap((row) => additionsOf(row));
    if (agent === undefined || wanted.length === 0) return;
    const additions: AuditAddition[] = wanted.map(({ addition }) => addition);
    const { lines } = await agent.call('audit.append', { additions }, { actor: panelActor, requestId });
    await markShipped(
      db,
      wanted.flatMap(({ rowId, part }, index) => {
        const line = lines[index];
        return line === undefined ? [] : [{ rowId, part, ...line }];
      }),
    );
  }

  async function appendOrWait(row: AuditRow, requestId: string): Promise<boolean> {
    try {
      await append([row], requestId);
      return agent !== undefined;
    } catch (error) {
      log?.warn({ err: error, action: row.action }, 'an audit row waits for the agent');
      return false;
    }
  }

  return {
    async begin(entry) {
      const row = await insert(entry, 'started');
      const isKept = await appendOrWait(row, requestIdOf(entry));
      if (!isKept && agent !== undefined && entry.mayWait !== true) {
        await db
          .updateTable('audit')
          .set({ outcome: 'failed', ended_at: clock.now() })
          .where('id', '=', row.id)
          .execute();
        throw new AppError(
          'agent_unavailable',
          'Nothing is done without a record, and the log cannot be written now.',
          {
            reason: 'audit_unavailable',
          },
        );
      }
      return {
        async finish(outcome, extra = {}) {
          Object.assign(entry.detail, extra);
          const changes = { outcome, ended_at: clock.now(), ...changeable(entry), is_pending: 1 };
          await db.updateTable('audit').set(changes).where('id', '=', row.id).execute();
          const startSequence = isKept ? 0 : null;
          await appendOrWait({ ...row, ...changes, start_sequence: startSequence }, requestIdOf(entry));
        },
      };
    },
    async record(entry, outcome) {
      await appendOrWait(await insert(entry, outcome), requestIdOf(entry));
    },
    async ship() {
      let count = 0;
      for (;;) {
        const rows = await listPending(db, clock.now() - settledMs, shipBatch);
        if (rows.length === 0 || agent === undefined) return count;
        await append(rows, 'audit-ship');
        count += rows.length;
      }
    },
  };
}

/** The action of an operation: its id. */
export function actionLabel(operation: Operation): string {
  return operation.id;
}

/** Of a program's own doing there is none. */
function requestIdOf({ requestId }: AuditEntry): string {
  return /^[A-Za-z0-9._:-]{1,64}$/.test(requestId) ? requestId : 'audit';
}

function changeable(entry: AuditEntry) {
  const detail = JSON.stringify(entry.detail);
  return {
    actor_id: entry.actor?.id ?? null,
    actor_name: cleanText(entry.actor?.name ?? '', 128),
    target: cleanText(entry.target, 255),
    address: cleanText(entry.address, 64),
    request_id: cleanText(entry.requestId, 64),
    detail_json: detail.length > maxDetailLength ? '{"isTruncated":true}' : detail,
  };
}

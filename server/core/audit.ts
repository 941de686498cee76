import type { Operation } from '#shared/http.ts';
import type { Db } from '../db/schema.ts';
import type { Clock } from './clock.ts';
import { newId } from './id.ts';

/** One mutation, before it happens. `detail` is filled while it runs; never put secrets into it. */
export type AuditEntry = {
  /** null: nobody was signed in, or the machine itself. */
  actor: { readonly id: string | null; readonly name: string } | null;
  readonly action: string;
  target: string;
  readonly address: string;
  readonly requestId: string;
  readonly detail: Record<string, unknown>;
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
};

/** Longest JSON of one row's detail; more is replaced by a mark. */
const maxDetailLength = 16 * 1024;

export function createAudit({ db, clock }: { readonly db: Db; readonly clock: Clock }): Audit {
  async function insert(entry: AuditEntry, outcome: 'started' | 'done' | 'refused' | 'failed'): Promise<string> {
    const id = newId();
    await db
      .insertInto('audit')
      .values({ id, at: clock.now(), action: entry.action, outcome, ...changeable(entry) })
      .execute();
    return id;
  }
  return {
    async begin(entry) {
      const id = await insert(entry, 'started');
      return {
        async finish(outcome, extra = {}) {
          Object.assign(entry.detail, extra);
          await db
            .updateTable('audit')
            .set({ outcome, ...changeable(entry) })
            .where('id', '=', id)
            .execute();
        },
      };
    },
    async record(entry, outcome) {
      await insert(entry, outcome);
    },
  };
}

/** The action of an operation: its id. */
export function actionLabel(operation: Operation): string {
  return operation.id;
}

function changeable(entry: AuditEntry) {
  const detail = JSON.stringify(entry.detail);
  return {
    actor_id: entry.actor?.id ?? null,
    actor_name: (entry.actor?.name ?? '').slice(0, 128),
    target: entry.target.slice(0, 255),
    address: entry.address.slice(0, 64),
    request_id: entry.requestId.slice(0, 64),
    detail_json: detail.length > maxDetailLength ? '{"isTruncated":true}' : detail,
  };
}

import type { ConsoleAnswer, ConsoleEntry } from '#shared/database-console.ts';
import { isReading, isSecret, kindOf } from '#shared/statement-kind.ts';
import type { FakeActions } from '../agent-fake.ts';
import { fakeRows } from './database-browse.ts';

type ConsoleActions = Pick<
  FakeActions,
  'databases.clear_console' | 'databases.console' | 'databases.execute' | 'databases.query'
>;

/** The console of the fake agent: whatever reads has the same rows, and a statement with `sleep` ends at its limit. */
export function createFakeConsole(mustKnow: (databaseId: string) => void, now: () => number): ConsoleActions {
  const kept = new Map<string, ConsoleEntry[]>();
  const keyOf = (databaseId: string, personId: string): string => `${databaseId} ${personId}`;

  function resultOf(statement: string, kind: string, mode: 'read' | 'write', maxRows: number): ConsoleAnswer {
    const answer = (result: ConsoleAnswer['results'][number]): ConsoleAnswer => ({
      kind,
      results: [result],
      durationMs: 12,
    });
    const reads = isReading('mariadb', kind);
    const fault = { outcome: 'failed', code: '', message: '', position: null } as const;
    if (mode === 'read' && !reads) return answer({ ...fault, why: 'reading' });
    if (/sleep/i.test(statement)) return answer({ outcome: 'stopped', why: 'time' });
    if (/;\s*\S/.test(statement)) return answer({ ...fault, code: '1064', why: 'several' });
    if (kind === 'OTHER')
      return answer({
        ...fault,
        code: '1064',
        message: `You have an error in your SQL syntax near '${statement.slice(0, 40)}' at line 1`,
        why: 'other',
      });
    if (!reads) return answer({ outcome: 'done', affectedRows: 3 });
    const { columns, rows } = fakeRows('orders', null, 'up');
    return answer({
      outcome: 'rows',
      columns: columns.map(({ name, type }) => ({ name, type })),
      rows: rows.slice(0, maxRows),
      cut: rows.length > maxRows ? 'rows' : null,
    });
  }

  const run =
    (mode: 'read' | 'write'): FakeActions['databases.query'] =>
    ({ databaseId, statement, maxRows }, { actor }) => {
      mustKnow(databaseId);
      const answer = resultOf(statement, kindOf('mariadb', statement), mode, maxRows);
      const key = keyOf(databaseId, actor.id);
      const hasFailed = answer.results.some(({ outcome }) => outcome !== 'rows' && outcome !== 'done');
      const entry = { statement, mode, at: new Date(now()).toISOString(), hasFailed };
      if (!isSecret(statement))
        kept.set(key, [entry, ...(kept.get(key) ?? []).filter((each) => each.statement !== statement)].slice(0, 100));
      return Promise.resolve(answer);
    };

  return {
    'databases.query': run('read'),
    'databases.execute': run('write'),
    async 'databases.console'({ databaseId }, { actor }) {
      mustKnow(databaseId);
      return { items: kept.get(keyOf(databaseId, actor.id)) ?? [] };
    },
    async 'databases.clear_console'({ databaseId }, { actor }) {
      mustKnow(databaseId);
      kept.delete(keyOf(databaseId, actor.id));
      return {};
    },
  };
}

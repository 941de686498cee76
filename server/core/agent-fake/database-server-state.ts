import type { ServerProcess, ServerState } from '#shared/database-server-state.ts';
import type { DatabaseEngine } from '#shared/databases.ts';

/** A report that hangs, a site that waits for its next visitor, and the server's own scheduler. */
export function fakeProcesses(engine: DatabaseEngine): ServerProcess[] {
  const isMaria = engine === 'mariadb';
  const quiet = { isRunning: false, state: '', statement: '', isCut: false, canEnd: true, host: '' };
  return [
    {
      ...quiet,
      id: isMaria ? '41' : '4100-1790000000000000',
      user: 'reporting',
      host: '192.0.2.14',
      database: 'shop',
      isRunning: true,
      sinceMs: 754_000,
      state: isMaria ? 'Sending data' : 'IO: DataFileRead',
      statement: "select customer, sum(total) from orders where note like '%عميل%' group by customer order by 2 desc",
    },
    { ...quiet, id: isMaria ? '57' : '5700-1790000000000001', user: 'shop', database: 'shop', sinceMs: 12_000 },
    ...(isMaria
      ? [{ ...quiet, id: '5', user: 'event_scheduler', database: '', sinceMs: 86_000_000, canEnd: false }]
      : []),
  ];
}

/** A server in the middle of a day. */
export function fakeState(engine: DatabaseEngine, databases: number, processes: ServerProcess[]): ServerState {
  const isMaria = engine === 'mariadb';
  return {
    version: isMaria ? '11.8.3' : '17.5',
    uptime: 1_217_000,
    connections: {
      open: processes.length,
      running: processes.filter(({ isRunning }) => isRunning).length,
      most: 61,
      limit: isMaria ? 151 : 100,
    },
    sizeBytes: 412_000_000,
    databases,
    cache: { sizeBytes: 134_217_728, hits: 0.973 },
    statements: isMaria ? 18_400_000 : null,
    slowStatements: isMaria ? 37 : null,
    processes,
    isCut: false,
  };
}

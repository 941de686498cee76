import { hasMariadb, hasPostgres, startMariadb, startPostgres, type DatabaseServer } from '../databases.ts';

/** One server of each engine for the whole run; the tests find them by TEST_DATABASE_MYSQL and TEST_DATABASE_POSTGRESQL. */
export async function setup(): Promise<() => Promise<void>> {
  const password = 'p@s:s/w#é%';
  const servers: DatabaseServer[] = [];
  if (hasMariadb) servers.push(await startMariadb({ password, flags: ['--max-connections=400'] }));
  if (hasPostgres) servers.push(await startPostgres({ password, flags: ['-c', 'max_connections=400'] }));
  for (const { engine, port, user } of servers) {
    process.env[`TEST_DATABASE_${engine.toUpperCase()}`] = JSON.stringify({ host: '127.0.0.1', port, user, password });
  }
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}

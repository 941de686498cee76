import { makeTemplate, type TestServer } from '#server/testing/engine-database.ts';
import { hasMariadb, hasPostgres, startMariadb, startPostgres, type DatabaseServer } from '../databases.ts';

/** One server of each engine for the whole run; the tests find them by TEST_DATABASE_MYSQL and TEST_DATABASE_POSTGRESQL. */
export async function setup(): Promise<() => Promise<void>> {
  const password = 'p@s:s/w#é%';
  const starts: Promise<DatabaseServer>[] = [];
  if (hasMariadb) starts.push(startMariadb({ password, flags: ['--max-connections=400'] }));
  if (hasPostgres) starts.push(startPostgres({ password, flags: ['-c', 'max_connections=400'] }));
  const servers = await Promise.all(starts);
  for (const { engine, port, user } of servers) {
    const server: TestServer = { host: '127.0.0.1', port, user, password };
    await makeTemplate(engine, server);
    process.env[`TEST_DATABASE_${engine.toUpperCase()}`] = JSON.stringify(server);
  }
  return async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
}

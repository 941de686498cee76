import { useTestServer, type TestServer } from '#server/testing/engine-database.ts';

/* In every process of the run: the engine of its project, at the server that setup.ts started. */

const engine = process.env['TEST_DATABASE'];
if (engine !== 'mysql' && engine !== 'postgresql')
  throw new Error(`TEST_DATABASE: ${engine ?? 'nothing'} is not known`);
const server = process.env[`TEST_DATABASE_${engine.toUpperCase()}`];
if (server === undefined) throw new Error(`no server was started for ${engine}`);
useTestServer(engine, JSON.parse(server) as TestServer, process.env['VITEST_POOL_ID'] ?? String(process.pid));

import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasMariadb, hasPostgres, startMariadb, startPostgres, type DatabaseServer } from '../test/databases.ts';
import { ask, createOwnerAt, owner, runCli, startCli, type RunningCli } from './testing.ts';

/** Every character that breaks a URL built by hand. */
const password = 'p@s:s/w#é%';
const port = 15_050;
const base = `http://127.0.0.1:${port}`;
const common = {
  ENVIRONMENT: 'production',
  SECRET_KEY: '7f3c9a51e8b2d4067f1ca93be5d80246c1b7e9f4a3d25806',
  DATA_DIR: 'data',
  LOG_FILE_PATH: 'panel.log',
  AGENT: 'fake',
  HOST: '127.0.0.1',
  PORT: String(port),
};

let cwd: string;
let panel: RunningCli | undefined;
let server: DatabaseServer | undefined;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'aapanel-engine-'));
});
afterEach(async () => {
  panel?.kill('SIGTERM');
  await panel?.ended;
  panel = undefined;
  await server?.stop();
  server = undefined;
  rmSync(cwd, { recursive: true, force: true });
});

/** Starts the panel on a database and creates its owner through the API. */
async function createOwnerOn(env: Record<string, string>): Promise<void> {
  panel = startCli(cwd, ['start', '--migrate'], { ...common, ...env });
  await panel.waitFor(/Port +\d+/);
  expect((await ask(base, 'GET', '/health/ready')).status).toBe(200);
  await createOwnerAt(base, runCli(cwd, ['link'], { ...common, ...env }).out);
}
const findOwner = 'select name from person';

describe('the configured database is the one in use', () => {
  it('P1.2-6 SQLite: the new user is a row of the configured file', async () => {
    const file = join(cwd, 'elsewhere', 'panel.sqlite');
    await createOwnerOn({ DATABASE_URL: `sqlite:///${file}` });
    const db = new DatabaseSync(file, { readOnly: true });
    expect(db.prepare(findOwner).all()).toMatchObject([{ name: owner.name }]);
    db.close();
  });
  it.skipIf(!hasPostgres)('P1.2-6 P1.2-7 PostgreSQL by postgres:// URL: psql finds the new user', async () => {
    server = await startPostgres({ port: 15_051, password });
    const url = `postgres://${server.user}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${server.name}`;
    await createOwnerOn({ DATABASE_URL: url });
    expect(server.query(findOwner).trim()).toBe(owner.name);
    const { out, err } = runCli(cwd, ['config', 'show'], { ...common, DATABASE_URL: url });
    expect(out + err).not.toContain(encodeURIComponent(password));
  });
  it.skipIf(!hasMariadb)('P1.2-6 P1.2-7 MariaDB by DB_* variables: mysql finds the new user', async () => {
    server = await startMariadb({ port: 15_052, password });
    await createOwnerOn({
      DATABASE_TYPE: 'mariadb',
      DB_HOST: '127.0.0.1',
      DB_PORT: String(server.port),
      DB_USER: server.user,
      DB_PASSWORD: password,
      DB_NAME: server.name,
    });
    expect(server.query(findOwner).trim()).toBe(owner.name);
  });
  it.skipIf(!hasPostgres)(
    'P2.1-1 health --ready ends with 1 once the database is stopped, with 0 while it runs',
    async () => {
      server = await startPostgres({ port: 15_053, password });
      const url = `postgresql://${server.user}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${server.name}`;
      const env = { ...common, DATABASE_URL: url };
      panel = startCli(cwd, ['start', '--migrate'], env);
      await panel.waitFor(/Port +\d+/);
      expect(runCli(cwd, ['health', '--ready'], env).code).toBe(0);
      await server.stop();
      await expect.poll(() => runCli(cwd, ['health', '--ready'], env).code, { timeout: 10_000, interval: 500 }).toBe(1);
      expect(runCli(cwd, ['health', '--live'], env).code).toBe(0);
    },
  );
  it('a database that does not answer ends the start with one line and without a secret', () => {
    const env = { ...common, DATABASE_URL: 'mysql://u:hunter2hunter2@127.0.0.1:15059/db' };
    const { code, out, err } = runCli(cwd, ['start', '--migrate'], env);
    expect(code).toBe(1);
    expect(err.trimEnd().split('\n').length).toBe(1);
    expect(out + err).not.toContain('hunter2');
  });
});

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort, hasPostgres, startPostgres, type DatabaseServer } from '#server/testing/database-servers.ts';
import { runCli, startCli } from './testing.ts';

const password = 'p@s:s/w#é%';
let server: DatabaseServer;
let cwd: string;
beforeAll(async () => {
  if (hasPostgres) server = await startPostgres({ password });
});
afterAll(() => server?.stop());
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'aapanel-db-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const base = { ENVIRONMENT: 'development', DATA_DIR: 'data', AGENT: 'fake', LANG: 'en_US.UTF-8' };
const sqliteEnv = { ...base, DEV_DATABASE_PATH: 'panel.db' };
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

const statistics = [
  'connections_created',
  'connections_closed',
  'connections_recycled',
  'connection_errors',
  'retry_attempts',
  'total_queries',
  'failed_queries',
  'uptime_seconds',
  'success_rate',
];

describe('aapanel db', () => {
  it('P4.3-4 without an option it shows its help; two at once or a word too many are wrong usage', () => {
    expect(runCli(cwd, ['db'], sqliteEnv)).toMatchObject({
      code: 0,
      out: expect.stringContaining('db move') as string,
    });
    expect(runCli(cwd, ['db', '--lang', 'ar'], sqliteEnv).out).toContain('قاعدة بيانات اللوحة');
    expect(runCli(cwd, ['db', '--test', '--stats'], sqliteEnv).code).toBe(64);
    expect(runCli(cwd, ['db', 'frobnicate'], sqliteEnv).code).toBe(64);
  });

  it('P4.3-4 SQLite has its own short state, and the statistics have their names', () => {
    const status = json(runCli(cwd, ['db', '--status', '--json'], sqliteEnv).out);
    expect(Object.keys(status)).toEqual(['status', 'type', 'database_type', 'statistics']);
    const stats = json(runCli(cwd, ['db', '--stats', '--json'], sqliteEnv).out);
    expect(Object.keys(stats)).toEqual(statistics);
    expect(stats).toMatchObject({ total_queries: 1, failed_queries: 0, success_rate: 100, connections_created: 1 });
    expect(runCli(cwd, ['db', '--test'], sqliteEnv)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/sqlite answers/) as string,
    });
  });

  it.skipIf(!hasPostgres)(
    'P4.3-4 PostgreSQL: state and health, and once it is stopped --health ends with 1 in time and without the password',
    async () => {
      const env = { ...base, ...server.env() };
      const status = json(runCli(cwd, ['db', '--status', '--json'], env).out);
      expect(Object.keys(status)).toEqual([
        'status',
        'pool_size',
        'max_overflow',
        'current_size',
        'checked_in',
        'checked_out',
        'overflow',
        'database_type',
        'statistics',
      ]);
      expect(status).toMatchObject({
        status: 'active',
        pool_size: 5,
        max_overflow: 10,
        current_size: 1,
        checked_in: 1,
      });
      expect(runCli(cwd, ['db', '--health', '--json'], env).code).toBe(0);
      await server.halt();
      const startedAt = performance.now();
      const away = runCli(cwd, ['db', '--health', '--json'], env);
      expect(performance.now() - startedAt).toBeLessThan(8_000);
      expect(away.code).toBe(1);
      expect(json(away.out)).toMatchObject({ status: 'unhealthy', database_type: 'postgresql' });
      expect(runCli(cwd, ['db', '--test'], env)).toMatchObject({ code: 1, out: '' });
      expect(runCli(cwd, ['db', '--stats', '--json'], env).code).toBe(1);
      await server.resume();
      const wrong = runCli(cwd, ['db', '--test'], { ...env, DB_PASSWORD: 'other-S3cret' });
      expect(wrong.code).toBe(1);
      expect(away.out + away.err + wrong.out + wrong.err).not.toMatch(/p@s:s|p%40s|other-S3cret/);
    },
  );
});

describe('aapanel db move', () => {
  function panelWithOwner(): void {
    expect(runCli(cwd, ['migrate'], sqliteEnv).code).toBe(0);
    const db = new DatabaseSync(join(cwd, 'panel.db'));
    db.exec(`insert into setting (name, value_json, updated_at) values ('greeting', '"أهلًا"', 5)`);
    db.close();
  }

  it.skipIf(!hasPostgres)(
    'carries a stopped panel over, writes the new address and keeps the old file as the way back',
    () => {
      panelWithOwner();
      server.query('create database carried', 'postgres');
      const file = join(cwd, '.env');
      writeFileSync(file, '# mine\nDATABASE_TYPE=sqlite\nLOG_LEVEL=INFO\n', { mode: 0o640 });
      const env = { ...sqliteEnv, NEW_DATABASE: server.url('carried') };
      const { code, out, err } = runCli(cwd, ['db', 'move', '--to-env', 'NEW_DATABASE', '--write-config'], env);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('both sides hold the same');
      expect(out).not.toMatch(/p@s:s|p%40s/);
      expect(server.query("select value_json from setting where name = 'greeting'", 'carried').trim()).toBe('"أهلًا"');
      expect(readFileSync(file, 'utf8')).toBe(
        `# mine\nLOG_LEVEL=INFO\nDATABASE_TYPE=postgresql\nDATABASE_URL=${server.url('carried')}\n`,
      );
      expect(statSync(file).mode & 0o777).toBe(0o640);
      const kept = readdirSync(cwd).filter((name) => name.startsWith('.env.before-move-'));
      expect(kept).toHaveLength(1);
      expect(readFileSync(join(cwd, kept[0] ?? ''), 'utf8')).toContain('DATABASE_TYPE=sqlite');
      expect(json(runCli(cwd, ['db', '--status', '--json'], sqliteEnv).out)).toMatchObject({
        database_type: 'postgresql',
      });
      expect(existsSync(join(cwd, 'panel.db'))).toBe(true);
    },
  );

  it.skipIf(!hasPostgres)(
    'refuses while the panel runs, a target in use, and a password that everybody can see is warned of',
    async () => {
      const port = await freePort();
      const env = { ...sqliteEnv, PORT: String(port), HOST: '127.0.0.1' };
      const panel = startCli(cwd, ['start'], env);
      await panel.waitFor(/Port +\d+/);
      server.query('create database refused', 'postgres');
      const args = ['db', 'move', '--to', server.url('refused')];
      const running = runCli(cwd, args, env);
      panel.kill('SIGTERM');
      await panel.ended;
      expect(running.code).toBe(1);
      expect(running.err).toContain('Stop it first');
      expect(running.err).toContain('everybody on this machine can see');
      expect(server.query("select count(*) from pg_tables where schemaname = 'public'", 'refused').trim()).toBe('0');
      server.query('create table theirs (id int)', 'refused');
      const used = runCli(cwd, args, env);
      expect([used.code, used.err.includes('was not touched')]).toEqual([1, true]);
      expect(server.query("select count(*) from pg_tables where schemaname = 'public'", 'refused').trim()).toBe('1');
    },
  );

  it.skipIf(!hasPostgres)(
    'takes the password from a file and the address from standard input; nothing is written without being asked',
    () => {
      panelWithOwner();
      server.query('create database piped', 'postgres');
      writeFileSync(join(cwd, 'secret'), `${password}\n`, { mode: 0o600 });
      const url = `postgresql://${server.user}@127.0.0.1:${server.port}/piped`;
      const args = ['db', 'move', '--to-stdin', '--password-file', 'secret', '--json'];
      const { code, out, err } = runCli(cwd, args, sqliteEnv, `${url}\n`);
      expect(code).toBe(0);
      expect(json(out)).toMatchObject({ moved: true, rows: 1 });
      expect(err).toContain('DATABASE_TYPE=postgresql');
      expect(err).not.toMatch(/p@s:s|p%40s/);
      expect(existsSync(join(cwd, '.env'))).toBe(false);
      server.query("insert into setting values ('database_move', '\"unfinished\"', 1)", 'piped');
      const refused = runCli(cwd, ['start'], { ...base, ...server.env('piped') });
      expect([refused.code, refused.err.includes('was not finished')]).toEqual([1, true]);
    },
  );

  it('wants one place for the address', () => {
    expect(runCli(cwd, ['db', 'move'], sqliteEnv).code).toBe(64);
    expect(runCli(cwd, ['db', 'move', '--to', 'sqlite:///a.db', '--to-stdin'], sqliteEnv).code).toBe(64);
    expect(runCli(cwd, ['db', 'move', '--to', 'oracle://x/y'], sqliteEnv).code).toBe(1);
  });
});

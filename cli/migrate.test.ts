import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileCache } from '../test/compile-cache.ts';
import {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type DatabaseServer,
} from '#server/testing/database-servers.ts';
import { loadConfig } from '#server/config.ts';
import { createSessions } from '#server/core/auth/sessions.ts';
import { systemClock } from '#server/core/clock.ts';
import { sessionCookieName } from '#server/core/cookies.ts';
import { openDatabase } from '#server/db/connect.ts';
import { ask, copyTree, runCli, startProgram } from './testing.ts';

const env = { ENVIRONMENT: 'development', AGENT: 'fake', PORT: '15044' };
const key = '7f3c9a51e8b2d4067f1ca93be5d80246c1b7e9f4a3d25806';
const password = 'p@s"s/w\\x';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'aapanel-migrate-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const aapanel = (args: string[], more: Record<string, string> = {}) => runCli(cwd, args, { ...env, ...more });

/** Every row of every table, and the number that SQLite raises with each change of the structure. */
function contentOf(path: string): object {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table' order by name").all();
    const rows = tables.map(({ name }) => [name, database.prepare(`select * from ${String(name)}`).all()]);
    return [database.prepare('pragma schema_version').get(), rows];
  } finally {
    database.close();
  }
}

/** A person in the database of these variables, signed in: details of readiness are for people. */
async function sessionOf(variables: Record<string, string>): Promise<string> {
  const config = loadConfig({ argv: [], cwd, env: variables });
  const db = await openDatabase(config);
  try {
    const person = {
      id: 'p1',
      name: 'salma',
      display_name: 'Salma',
      role: 'owner',
      is_disabled: 0,
      preferences_json: '{}',
    } as const;
    await db
      .insertInto('person')
      .values({ ...person, created_at: 1, updated_at: 1 } as never)
      .execute();
    const sessions = createSessions({ db, config, clock: systemClock });
    const { token } = await sessions.create('p1', { address: '127.0.0.1', userAgent: 'test' });
    return `${sessionCookieName(config)}=${token}`;
  } finally {
    await db.destroy();
  }
}

describe('aapanel migrate', () => {
  it('P4.1-4 P4.1-7 M-6 a tree of its own: a new file is pending, an edited one makes status and up end with 1, and the older panel refuses', () => {
    copyTree(cwd);
    const own = (...args: string[]) => {
      const options = { cwd, env: { ...compileCache, ...env }, encoding: 'utf8', timeout: 30_000 } as const;
      return spawnSync(process.execPath, [join(cwd, 'cli', 'main.ts'), ...args], options);
    };
    expect(own('migrate').status).toBe(0);
    expect(own('migrate', 'status').status).toBe(0);
    const made = own('migrate', 'new', '"; touch planted; "');
    expect([made.status, made.stderr]).toEqual([0, '']);
    expect(existsSync(join(cwd, 'planted'))).toBe(false);
    const folder = join(cwd, 'server', 'db', 'migrations');
    const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('_touch_planted.ts'));
    expect(name).toMatch(/^\d{4}_touch_planted\.ts$/);
    expect(own('migrate', 'validate').status).toBe(0);
    const pending = own('migrate', 'status', '--json');
    expect([pending.status, (JSON.parse(pending.stdout) as { pending: unknown[] }).pending]).toMatchObject([
      1,
      [{ name: name.slice(0, -3), effect: 'safe' }],
    ]);
    expect(own('migrate', 'up').status).toBe(0);

    // The panel without that file is the older one now.
    const before = contentOf(join(cwd, 'data', 'db', 'dev_database.db'));
    for (const args of [['migrate'], ['migrate', 'down', '--yes'], ['start'], ['start', '--migrate']]) {
      const { code, out, err } = aapanel(args);
      expect([args.join(' '), code]).toEqual([args.join(' '), 1]);
      expect(out).not.toContain('Port');
      expect(err).toContain('was executed by a newer version of the panel');
    }
    expect(aapanel(['migrate', 'status']).code).toBe(1);
    expect(contentOf(join(cwd, 'data', 'db', 'dev_database.db'))).toEqual(before);

    appendFileSync(join(folder, '0002_sites.ts'), '\n// one line more\n');
    for (const args of [['status'], ['up'], ['down', '--yes']]) {
      const { status, stdout, stderr } = own('migrate', ...args);
      expect(status, args.join(' ')).toBe(1);
      expect(stdout + stderr).toContain('0002_sites was changed after it was executed');
    }
  });

  it('P4.1-6 a file that was added makes readiness answer 503 and name it', async () => {
    copyTree(cwd);
    const more = { ...env, ENVIRONMENT: 'production', SECRET_KEY: key, DATABASE_TYPE: 'sqlite', DATA_DIR: 'data' };
    const production = { ...more, HOST: '127.0.0.1', PORT: '15045', LOG_FILE_PATH: 'panel.log' };
    const main = join(cwd, 'cli', 'main.ts');
    for (const args of [['migrate'], ['migrate', 'new', 'something more']]) {
      const options = { cwd, env: { ...compileCache, ...production }, encoding: 'utf8' } as const;
      expect(spawnSync(process.execPath, [main, ...args], options).stderr).toBe('');
    }
    const panel = startProgram(process.execPath, [main, 'start'], cwd, production);
    try {
      await panel.waitFor(/Port +15045/);
      const headers = { cookie: await sessionOf(production) };
      const { status, body } = await ask('http://127.0.0.1:15045', 'GET', '/health/ready', { headers });
      expect(status).toBe(503);
      const { checks } = JSON.parse(body) as { checks: Record<string, unknown> };
      expect(checks['migrations']).toMatchObject({
        status: 'unhealthy',
        message: expect.stringMatching(/pending: \d{4}_something_more$/),
      });
    } finally {
      panel.kill('SIGKILL');
      await panel.ended;
    }
  });

  it('P4.1-3 validate ends with 1 for a bad file, a missing file and a missing folder, and speaks both languages', () => {
    const file = join(cwd, '0001_bad.ts');
    writeFileSync(file, 'export const x = 1;\n');
    const bad = aapanel(['migrate', 'validate', '--file', file]);
    expect(bad.code).toBe(1);
    expect(bad.out).toContain('no up()');
    expect(bad.out).toContain('no revision');
    expect(aapanel(['migrate', 'validate', '--file', 'missing.ts']).code).toBe(1);
    expect(aapanel(['migrate', 'validate', '--dir', 'missing']).code).toBe(1);
    expect(aapanel(['migrate', 'validate', '--format', 'xml']).code).toBe(64);
    expect(aapanel(['migrate', 'validate', '--file', file, '--lang', 'ar']).out).toContain('الطريق الآمن');
    const report = JSON.parse(aapanel(['migrate', 'validate', '--file', file, '--json']).out) as object;
    expect(report).toMatchObject({ total_files: 1, valid_files: 0, files_with_errors: 1 });
  });

  it('P4.1-5 dry-run prints the SQL and changes nothing; down wants a yes; a copy that fails stops up', () => {
    const plan = aapanel(['migrate', 'dry-run', '--engine', 'postgresql']);
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.out).toContain('create table if not exists "person"');
    expect(plan.out).toContain('-- 0004_accounts — destructive');
    expect(aapanel(['migrate', 'status', '--json']).out).toContain('"applied": []');
    expect(aapanel(['migrate', 'up', '--to', '0003_jobs']).code).toBe(0);
    expect(aapanel(['migrate', 'up', '--to', '0099_none'])).toMatchObject({ code: 1 });
    expect(aapanel(['migrate', 'down']).code).toBe(64);
    writeFileSync(join(cwd, 'data', 'db', 'before-migrations'), 'in the way');
    const stopped = aapanel(['migrate', 'up']);
    expect(stopped).toMatchObject({ code: 1, out: '' });
    expect(stopped.err).toContain('nothing was done');
    expect(aapanel(['migrate', 'status']).out).toContain('0004_accounts');
    rmSync(join(cwd, 'data', 'db', 'before-migrations'));
    expect(aapanel(['migrate', 'up']).out).toContain('verified copy of the database');
    expect(aapanel(['migrate', 'down', '--yes', '--to', '0003_jobs'])).toMatchObject({ code: 0 });
  });
});

for (const [engine, isThere, launch, program] of [
  ['mysql', hasMariadb, startMariadb, '/usr/bin/mariadb-dump'],
  ['postgresql', hasPostgres, startPostgres, '/usr/bin/pg_dump'],
] as const) {
  const reason = `not run: ${engine} is not installed`;
  if (!isThere || !existsSync(program)) {
    console.warn(reason);
    it.skipIf(process.env['CI'] !== 'true')(reason, () => expect.fail(reason));
    continue;
  }
  describe(`aapanel migrate in production on ${engine}`, () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await launch({ password });
    });
    afterAll(() => server?.stop());

    it('P4.1-5 up makes a dump that is read again and can be put back, and without one it does nothing', () => {
      const production = {
        ENVIRONMENT: 'production',
        SECRET_KEY: key,
        DATA_DIR: 'data',
        LOG_FILE_PATH: 'panel.log',
        ...server.env(),
      };
      const run = (...args: string[]) => aapanel(args, production);
      expect(run('migrate', 'up', '--to', '0003_jobs')).toMatchObject({
        code: 0,
        out: '3 database migrations were applied\n',
      });
      server.query("insert into setting (name, value_json, updated_at) values ('theme', '1', 1)");
      const folder = join(cwd, 'data', 'before-migrations');
      mkdirSync(join(cwd, 'data'), { recursive: true });
      writeFileSync(folder, 'in the way');
      expect(run('migrate', 'up')).toMatchObject({ code: 1, out: '' });
      expect(run('migrate', 'status').out).toContain('0004_accounts');
      rmSync(folder);
      mkdirSync(folder);
      const { code, out, err } = run('migrate', 'up');
      expect([code, err]).toEqual([0, '']);
      expect(out).not.toContain(password);
      const [file = '', ...others] = readdirSync(folder);
      expect(others).toEqual([]);
      const path = join(folder, file);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      putBack(path);
      expect(server.query('select name from setting', 'again').trim()).toBe('theme');
      expect(server.query('select count(*) from schema_migration', 'again').trim()).toBe('3');
    });

    function putBack(path: string): void {
      server.query('create database again');
      if (engine === 'mysql') {
        server.query(readFileSync(path, 'utf8'), 'again');
        return;
      }
      const args = ['-h', '127.0.0.1', '-p', String(server.port), '-U', server.user, '-d', 'again', path];
      const restored = spawnSync('/usr/bin/pg_restore', args, { env: { PGPASSWORD: password }, encoding: 'utf8' });
      expect(restored.status, restored.stderr).toBe(0);
    }
  });
}

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseServersCreateAccount, databaseServersSetGrant } from '#shared/agent/database-servers.ts';
import { presetOf, presetRights, type AccountGrant } from '#shared/database-servers.ts';
import {
  hasMariadb,
  hasPostgres,
  psqlProgram,
  reasonOf,
  startMariadb,
  startPostgres,
  type ServerPair,
  type TestServer,
} from '../backups/dumps/testing/servers.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { databasesHandlers } from '../databases/databases.actions.ts';
import { failsInWords, tidiesUp, worksElsewhere } from '../remote-databases/testing/remote-steps.ts';
import { call, freePort, makeWorld, newChangeId, type World } from '../testing/world.ts';
import { databaseServersHandlers as handlers } from './database-servers.actions.ts';

describe('what is asked', () => {
  it.each([
    'localhost; drop',
    "10.0.0.1'",
    '10.0.0.256',
    '%.example',
    '10.%.0.1',
    'evil.example',
    '\n%',
    '',
    'a'.repeat(61),
    '::1`@`%',
    '10.0.0.1\0',
    '%\n',
    'localhost\\',
  ])('SQL-2 the host %j is refused', (host) => {
    const given = { engine: 'mariadb', name: 'shop', hosts: [host], password: null, requiresTls: false };
    expect(databaseServersCreateAccount.params.safeParse(given).success).toBe(false);
  });

  it.each(['localhost', '%', '192.0.2.10', '10.1.%', '192.0.2.%', '2001:db8::1', '::ffff:192.0.2.1'])(
    'the host %j is fine',
    (host) => {
      const given = { engine: 'mariadb', name: 'shop', hosts: [host], password: null, requiresTls: false };
      expect(databaseServersCreateAccount.params.safeParse(given).success).toBe(true);
    },
  );

  it.each([
    "w'",
    'w`',
    'w"',
    'w\0',
    'w\n',
    'w\\',
    'w'.repeat(33),
    'w@%',
    '',
    'root',
    'Root',
    'mysql',
    'mariadb.sys',
    'aapanel',
    'postgres',
  ])('SQL-2 no account is called %j', (name) => {
    const given = { engine: 'mariadb', name, hosts: ['localhost'], password: null, requiresTls: false };
    expect(databaseServersCreateAccount.params.safeParse(given).success).toBe(false);
  });

  it.each(['SUPER', 'SELECT) on *.* to x; --', 'ALL PRIVILEGES', 'FILE', 'GRANT OPTION', 'select'])(
    'SQL-2 the right %j is none',
    (word) => {
      const given = { accountId: 'abcd', database: 'shop', table: null, privileges: [word], canGrant: false };
      expect(databaseServersSetGrant.params.safeParse({ engine: 'mariadb', ...given }).success).toBe(false);
    },
  );
});

/** Names that others have made on the server, as bad as they can be. */
const odd = 'o\'d`d"\\ na%me_';
const oddTable = 'ta\'b`l"e\\';

describe.each([
  { engine: 'mariadb' as const, isHere: hasMariadb },
  { engine: 'postgresql' as const, isHere: hasPostgres },
])('accounts of $engine', ({ engine, isHere }) => {
  let world: World;
  let server: TestServer;
  let machine: Machine;
  let port = 0;
  let pair: ServerPair;

  beforeAll(async () => {
    if (!isHere) return;
    world = await makeWorld();
    symlinkSync('/usr/sbin/mariadbd', world.path('/usr/sbin/mariadbd'));
    port = await freePort();
    pair = withCertificates((make) => make.selfSigned('DNS:localhost'));
    server = await (engine === 'mariadb' ? startMariadb(world, port, pair) : startPostgres(world, port, pair));
    if (engine === 'mariadb')
      server.sql(
        `set global general_log_file = '${world.prefix}/run/mysqld/general.log'; set global general_log = on;`,
      );
    machine = await openMachine(world.settings);
  }, 60_000);
  afterAll(async () => {
    await machine?.settled();
    machine?.close();
    await server?.stop();
    world?.destroy();
  });

  const isMaria = engine === 'mariadb';
  const q = (name: string): string =>
    isMaria ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`;
  const list = async () => (await handlers['database_servers.list_accounts'](machine, { engine }, call())).items;
  const find = async (name: string, host: string | null = isMaria ? 'localhost' : null) => {
    const found = (await list()).find((each) => each.name === name && each.host === host);
    if (found === undefined) throw new Error(`no account ${name}`);
    return found;
  };
  const create = (name: string, hosts = isMaria ? ['localhost'] : [], password: string | null = null) =>
    handlers['database_servers.create_account'](machine, { engine, name, hosts, password, requiresTls: false }, call());
  const grant = (accountId: string, database: string, privileges: readonly string[], table: string | null = null) =>
    handlers['database_servers.set_grant'](
      machine,
      { engine, accountId, database, table, privileges: privileges as never[], canGrant: false },
      call(),
    );
  const wholeOf = (grants: readonly AccountGrant[], database: string) =>
    grants.find((each) => each.database === database && each.table === null);
  const makeOdd = (): void => {
    server.sql(`create database ${q(odd)};`);
    server.sql(
      `create table ${q(oddTable)} (id int); insert into ${q(oddTable)} values (1); create table plain (id int); insert into plain values (2);`,
      odd,
    );
  };

  function asUser(user: string, password: string, sql: string, database: string): string {
    if (isMaria) {
      const socket = `${world.prefix}/run/mysqld/mysqld.sock`;
      const args = ['--no-defaults', '-N', '--skip-ssl', '-S', socket, '-u', user, '--', database];
      const env = { MYSQL_PWD: password, PATH: '/usr/bin' };
      // A client that is refused reads nothing: its own words count, and not the broken pipe.
      const { status, stdout, stderr } = spawnSync('/usr/bin/mariadb', args, { env, input: sql, encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      return stdout.trim();
    }
    const env = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: user, PGPASSWORD: password, PGDATABASE: database };
    const { status, stdout, stderr } = spawnSync(psqlProgram, ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'], {
      env: { ...env, PATH: '/usr/bin', PGPASSFILE: '/dev/null' },
      input: sql,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  it.skipIf(!isHere)(
    'an account reads, writes or has all, on a database of any name, and nothing after that',
    async () => {
      makeOdd();
      const { password, items } = await create('worker', undefined, `pass 'word" \\ \`%`);
      const [account] = items;
      const id = account?.id ?? '';
      expect(account).toMatchObject({ name: 'worker', isSystem: false, hasPassword: true, isLocked: false });
      const read = `select id from ${q(oddTable)};`;
      const write = `insert into ${q(oddTable)} values (7);`;
      const drop = isMaria ? 'drop table plain;' : 'create schema own;';
      const tries = (): string =>
        [read, write, drop]
          .map((sql) => {
            try {
              asUser('worker', password, sql, odd);
              return 'y';
            } catch {
              return 'n';
            }
          })
          .join('');
      expect(tries()).toBe('nnn');
      for (const [preset, seen] of [
        ['read', 'ynn'],
        ['write', 'yyn'],
        ['read', 'ynn'],
        ['all', 'yyy'],
        ['none', 'nnn'],
      ] as const) {
        const wanted = presetRights(engine, 'database', preset);
        const { grants } = await grant(id, odd, wanted);
        expect(presetOf(engine, 'database', wholeOf(grants, odd)?.privileges ?? []), preset).toBe(preset);
        expect(tries(), preset).toBe(seen);
      }
      // In a grant of MariaDB `_` stands for any character: unescaped, this would be another database too.
      if (isMaria) {
        await grant(id, odd, presetRights(engine, 'database', 'read'));
        server.sql(`create database ${q(odd.replace('_', 'X'))};`);
        expect(() => asUser('worker', password, 'select 1;', odd.replace('_', 'X'))).toThrow(/1044/);
      }
      await grant(id, odd, []);
    },
  );

  it.skipIf(!isHere)(
    'rights on one table are for this table alone, and a table that is not there is said',
    async () => {
      const { password, items } = await create('clerk');
      const id = items[0]?.id ?? '';
      const { grants } = await grant(id, odd, ['SELECT'], oddTable);
      expect(grants).toContainEqual(
        expect.objectContaining({ database: odd, table: oddTable, privileges: ['SELECT'], isEditable: true }),
      );
      expect(asUser('clerk', password, `select min(id) from ${q(oddTable)};`, odd)).toBe('1');
      expect(() => asUser('clerk', password, `insert into ${q(oddTable)} values (1);`, odd)).toThrow(/denied/);
      server.sql('create table if not exists second (id int);', odd);
      expect(() => asUser('clerk', password, 'select * from second;', odd)).toThrow(/denied/);
      expect(await reasonOf(grant(id, odd, ['SELECT'], 'no such'))).toBe('database_table_unknown');
      const after = await grant(id, odd, [], oddTable);
      expect(after.grants.filter(({ table }) => table !== null)).toEqual([]);
    },
  );

  it.skipIf(!isHere)(
    'the system, its databases and what belongs to the panel are refused, and nothing changes',
    async () => {
      const given = { databaseId: newChangeId(), engine, name: 'ours', user: 'ours', password: null, siteId: null };
      const kind = isMaria
        ? ({ charset: 'utf8mb4', locale: null } as const)
        : ({ charset: 'UTF8', locale: null } as const);
      await databasesHandlers['databases.create'](machine, { ...given, ...kind }, call());
      const root = await find(isMaria ? 'root' : 'postgres');
      const ours = await find('ours');
      const worker = await find('worker');
      expect([root.isSystem, ours.databaseId]).toEqual([true, given.databaseId]);
      const all = (): string =>
        server.sql(
          isMaria
            ? 'select user, host, priv from mysql.global_priv order by 1, 2; select * from mysql.db order by 1, 2, 3;'
            : 'select rolname, rolcanlogin, rolpassword from pg_authid order by 1; select datname, datacl from pg_database order by 1;',
        );
      const before = all();
      const drop = (accountId: string) =>
        handlers['database_servers.drop_account'](machine, { engine, accountId }, call());
      const reset = (accountId: string) =>
        handlers['database_servers.set_account_password'](machine, { engine, accountId, password: null }, call());
      const change = (accountId: string, isLocked: boolean) =>
        handlers['database_servers.change_account'](
          machine,
          { engine, accountId, host: null, requiresTls: false, isLocked },
          call(),
        );
      const system: readonly string[] = isMaria
        ? ['mysql', 'MySQL', 'information_schema', 'performance_schema', 'sys']
        : ['postgres', 'template1', 'template0'];
      for (const [expected, asked] of [
        ...[drop(root.id), reset(root.id), change(root.id, true)].map(
          (each) => ['database_account_system', each] as const,
        ),
        ['database_account_system', grant(root.id, odd, [])] as const,
        ...[drop(ours.id), reset(ours.id)].map((each) => ['database_account_owned', each] as const),
        ['database_grant_owner', grant(ours.id, 'ours', [])] as const,
        ...system.map((name) => ['database_grant_system', grant(worker.id, name, ['SELECT'])] as const),
        ['database_unknown', grant(worker.id, 'no such', ['SELECT'])] as const,
        ['database_account_unknown', drop('bm9ib2R5')] as const,
        ['database_user_exists', create('ours')] as const,
        ['database_user_exists', create('worker')] as const,
      ])
        expect(await reasonOf(asked)).toBe(expected);
      expect(all()).toBe(before);
    },
  );

  it.skipIf(!isHere)(
    'another password counts at once, a locked account stays out, and a dropped one is gone',
    async () => {
      const { items, password: first } = await create('guest');
      const id = items[0]?.id ?? '';
      await grant(id, odd, presetRights(engine, 'database', 'read'));
      const { password } = await handlers['database_servers.set_account_password'](
        machine,
        { engine, accountId: id, password: null },
        call(),
      );
      expect(() => asUser('guest', first, 'select 1;', odd)).toThrow(/1045|authentication failed/);
      expect(asUser('guest', password, 'select 1;', odd)).toBe('1');
      const change = (isLocked: boolean) =>
        handlers['database_servers.change_account'](
          machine,
          { engine, accountId: id, host: null, requiresTls: false, isLocked },
          call(),
        );
      expect(await change(true)).toMatchObject({ isLocked: true });
      expect(() => asUser('guest', password, 'select 1;', odd)).toThrow(/4151|not permitted to log in/);
      expect(await change(false)).toMatchObject({ isLocked: false });
      expect(asUser('guest', password, 'select 1;', odd)).toBe('1');
      await handlers['database_servers.drop_account'](machine, { engine, accountId: id }, call());
      expect((await list()).map(({ name }) => name)).not.toContain('guest');
      expect(() => asUser('guest', password, 'select 1;', odd)).toThrow(/1045|authentication failed/);
    },
  );

  it.skipIf(!isHere)(
    'the superuser gets a password, and the agent still comes in over the socket without one',
    async () => {
      const { password } = await handlers['database_servers.set_root_password'](
        machine,
        { engine, password: null },
        call(),
      );
      expect(password).toMatch(/^\w{28}$/);
      const user = isMaria ? 'root' : 'postgres';
      if (!isMaria) expect(asUser(user, password, 'select current_user;', 'postgres')).toBe('postgres');
      else {
        const env = { MYSQL_PWD: password, PATH: '/usr/bin' };
        const socket = `${world.prefix}/run/mysqld/mysqld.sock`;
        const args = ['1', '/usr/bin/mariadb', '--no-defaults', '-N', '--skip-ssl', '-S', socket, '-u', user];
        // As another Unix account: the socket alone does not let it in.
        const as = ['--reuid=65534', '--regid=65534', '--clear-groups'];
        const run = (secret: string): string =>
          execFileSync('/usr/bin/setpriv', [...as, ...args.slice(1)], {
            env: { ...env, MYSQL_PWD: secret },
            input: 'select 1;',
            encoding: 'utf8',
            stdio: 'pipe',
          }).trim();
        expect(run(password)).toBe('1');
        expect(() => run('a guess')).toThrow(/1045|1698/);
      }
      expect(server.sql('select 1;')).toBe('1');
      expect((await list()).length).toBeGreaterThan(0);
    },
  );

  it.skipIf(!isHere || !isMaria)('the list says what each may do, and what is too much is taken whole', async () => {
    const { items } = await create('lister');
    const id = items[0]?.id ?? '';
    server.sql('create database listed; grant all on listed.* to lister@localhost with grant option;');
    await grant(id, odd, presetRights(engine, 'database', 'read'));
    await grant(id, odd, ['SELECT'], oddTable);
    const rights = async () => (await find('lister')).rights;
    expect(await rights()).toEqual({
      items: [
        { database: 'listed', may: 'all' },
        { database: odd, may: 'read' },
      ],
      more: 0,
    });
    await grant(id, 'listed', []);
    await grant(id, odd, []);
    expect(await rights()).toEqual({ items: [{ database: odd, may: 'tables' }], more: 0 });
    await grant(id, odd, [], oddTable);
    expect(await rights()).toEqual({ items: [], more: 0 });
    expect(server.sql('show grants for lister@localhost;').split('\n')).toHaveLength(1);
    server.sql('grant select on *.* to lister@localhost;');
    expect((await rights())?.items).toEqual([{ database: '*', may: 'server' }]);
  });

  it.skipIf(!isHere || !isMaria)(
    'CMD-1 names that the client would read as its own commands start nothing',
    async () => {
      const flag = `${world.prefix}/started`;
      // The client does run what it takes for its own command: these files can appear.
      server.sql(`\\! touch ${flag}-really\n`);
      expect(existsSync(`${flag}-really`)).toBe(true);
      const bytes = (sql: string): string => `execute immediate x'${Buffer.from(sql).toString('hex')}';`;
      const [database, table, name] = ['a\\', `\\! touch ${flag} #`, `b\\`];
      server.sql(bytes(`create database ${q(database)}`) + bytes(`create table ${q(database)}.${q(table)} (id int)`));
      server.sql(
        bytes(`create user ${q(name)}@localhost`) + bytes(`create user ${q(`\\! touch ${flag} #`)}@localhost`),
      );
      for (const each of [name, `\\! touch ${flag} #`]) {
        const { id } = await find(each);
        await grant(id, database, ['SELECT']);
        const { grants } = await grant(id, database, ['SELECT', 'INSERT'], table);
        expect(grants).toContainEqual(expect.objectContaining({ database, table, privileges: ['SELECT', 'INSERT'] }));
        await handlers['database_servers.set_account_password'](
          machine,
          { engine, accountId: id, password: null },
          call(),
        );
        const to = { engine, accountId: id, host: '192.0.2.9', requiresTls: true, isLocked: true };
        const moved = await handlers['database_servers.change_account'](machine, to, call());
        await handlers['database_servers.drop_account'](machine, { engine, accountId: moved.id }, call());
      }
      expect((await list()).map((each) => each.name).filter((each) => each.includes('\\'))).toEqual([]);
      expect(existsSync(flag)).toBe(false);
    },
  );

  it.skipIf(!isHere || !isMaria)(
    'CMD-4 the server never sees a password, and stricter demands of an account stay',
    async () => {
      const { items, password } = await create('strict');
      server.sql('alter user strict@localhost require x509;');
      const given = { engine, accountId: items[0]?.id ?? '', host: null, requiresTls: true, isLocked: true };
      expect(await handlers['database_servers.change_account'](machine, given, call())).toMatchObject({
        requiresTls: true,
      });
      expect(server.sql('show create user strict@localhost;')).toMatch(/REQUIRE X509 .*ACCOUNT LOCK/);
      const reset = { engine, accountId: given.accountId, password: null };
      const second = await handlers['database_servers.set_account_password'](machine, reset, call());
      const log = readFileSync(`${world.prefix}/run/mysqld/general.log`, 'latin1');
      expect(log).toContain('strict');
      for (const each of [password, second.password])
        for (const text of [each, Buffer.from(each).toString('hex')]) expect(log).not.toContain(text);
    },
  );

  // MariaDB knows no owners; a test that is skipped there would count as not run.
  const ofPostgres = isMaria ? (): void => undefined : it.skipIf(!isHere);
  ofPostgres('SQL-2 the owner of a database decides nothing about what the superuser runs in it', async () => {
    server.sql(`create role mallory login; create database mallory owner mallory;`);
    server.sql(
      `set session authorization mallory; create schema evil; create table "\\'; alter role mallory superuser; --" (id int);
       create function evil.seize(name, text) returns boolean language plpgsql as $$ begin
         execute 'alter role mallory superuser'; return true; exception when others then return true; end $$;
       create operator evil.!~ (leftarg = name, rightarg = text, function = evil.seize);
       alter database mallory set search_path = evil, pg_catalog; alter database mallory set standard_conforming_strings = off;`,
      'mallory',
    );
    const { items } = await create('auditor');
    const id = items[0]?.id ?? '';
    const isSeized = (): string => server.sql("select rolsuper from pg_roles where rolname = 'mallory';");
    await grant(id, 'mallory', presetRights(engine, 'database', 'read'));
    expect(isSeized()).toBe('f');
    expect(await reasonOf(grant(id, 'mallory', ['SELECT'], "\\'; alter role mallory superuser; --"))).toBe('none');
    expect(isSeized()).toBe('f');
    await handlers['database_servers.drop_account'](machine, { engine, accountId: id }, call());
    await databasesHandlers['databases.list'](machine, {}, call());
    expect(isSeized()).toBe('f');
  });

  it.skipIf(!isHere)('SQL-2 a server elsewhere: what goes wrong on the way to it is said in words', async () => {
    await failsInWords({ engine, machine, server, world, port, pair });
  });

  it.skipIf(!isHere)(
    'SQL-2 a server elsewhere: databases are made, listed and deleted there, and nothing half-made stays when it goes away',
    async () => {
      const scene = { engine, machine, server, world, port, pair };
      await worksElsewhere(scene);
      await tidiesUp(scene);
    },
    60_000,
  );

  it.skipIf(!isHere || !isMaria)('hosts are apart: one account for each, moved only where nobody is', async () => {
    const { items } = await create('mobile', ['localhost', '10.1.%', 'LOCALHOST']);
    expect(items.map(({ host }) => host)).toEqual(['10.1.%', 'localhost']);
    const change = (accountId: string, host: string, requiresTls: boolean) =>
      handlers['database_servers.change_account'](
        machine,
        { engine, accountId, host, requiresTls, isLocked: false },
        call(),
      );
    const near = await find('mobile');
    expect(await reasonOf(change(near.id, '10.1.%', false))).toBe('database_user_exists');
    expect(await change(near.id, '192.0.2.7', true)).toMatchObject({ host: '192.0.2.7', requiresTls: true });
    expect(await reasonOf(create('mobile', ['10.1.%']))).toBe('database_user_exists');
    expect(await reasonOf(create('nobody', []))).toMatch(/not valid|undefined/);
  });
});

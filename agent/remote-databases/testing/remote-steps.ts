import { existsSync, globSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { expect } from 'vitest';
import type { DatabaseEngine } from '#shared/databases.ts';
import type { RemoteServerFacts } from '#shared/remote-databases.ts';
import { everyProcess, reasonOf, type ServerPair, type TestServer } from '../../backups/dumps/testing/servers.ts';
import type { Machine } from '../../core/machine.ts';
import { databasesHandlers } from '../../databases/databases.actions.ts';
import { nativeHash } from '../../databases/seal.ts';
import { call, freePort, newChangeId, type World } from '../../testing/world.ts';
import { remoteDatabasesHandlers as handlers } from '../remote-databases.actions.ts';
import { tidyServers } from '../servers.ts';

/*
 * A real server that is reached over TCP with TLS, as if it were on another machine: what can go wrong on the way, and what
 * is done there.
 */

export type RemoteScene = {
  readonly engine: DatabaseEngine;
  readonly machine: Machine;
  readonly server: TestServer;
  readonly world: World;
  readonly port: number;
  readonly pair: ServerPair;
};

const secret = `ad'min "word" \\ \`%:#`;
const allRights = 'on *.* to';

function makeAdmin({ engine, server }: RemoteScene, name: string, rights: string): void {
  if (engine === 'mariadb') {
    const account = `${name}@'localhost'`;
    server.sql(`create user ${account} identified via mysql_native_password using '${nativeHash(secret)}';
      grant ${rights} ${allRights} ${account} with grant option;`);
    return;
  }
  server.sql(`create role ${name} login ${rights} password '${secret.replaceAll("'", "''")}';`);
}

const factsOf = ({ engine, port, pair }: RemoteScene, more: Partial<RemoteServerFacts> = {}): RemoteServerFacts => ({
  serverId: newChangeId(),
  isNew: true,
  isTrial: false,
  engine,
  name: 'far away',
  host: 'localhost',
  port,
  user: 'far_admin',
  password: secret,
  tls: 'verify',
  authority: pair.certificate,
  // Of PostgreSQL it says nothing.
  usersFrom: engine === 'postgresql' ? 'any' : 'here',
  ...more,
});

const put = (machine: Machine, facts: RemoteServerFacts) =>
  handlers['remote_databases.put_server'](machine, facts, call(60));

/** Each reason in the place where it comes from; nothing of what did not work is kept, and no file with a password. */
export async function failsInWords(scene: RemoteScene): Promise<void> {
  const { machine, engine } = scene;
  const isMaria = engine === 'mariadb';
  makeAdmin(scene, 'far_admin', isMaria ? 'all privileges' : 'createdb createrole');
  makeAdmin(scene, 'far_clerk', isMaria ? 'select' : 'createdb');
  const fails = (more: Partial<RemoteServerFacts>): Promise<string> => reasonOf(put(machine, factsOf(scene, more)));
  const plain = await withoutTls(scene);
  const wrong = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  try {
    for (const [more, reason] of [
      [{ host: 'no-such-host.invalid' }, 'remote_server_name_unknown'],
      [{ port: await freePort() }, 'remote_server_refused'],
      [{ password: 'not the one' }, 'remote_server_login'],
      [{ user: 'nobody_here' }, 'remote_server_login'],
      [{ user: 'far_clerk' }, 'remote_server_rights'],
      [{ authority: null }, 'remote_server_untrusted'],
      // Its certificate is not for this name of the same machine.
      [{ host: '127.0.0.1' }, 'remote_server_other_name'],
      [{ port: plain.port }, 'remote_server_no_tls'],
      [{ port: wrong.port }, 'remote_server_kind'],
    ] as const)
      expect(await fails(more), JSON.stringify(more)).toBe(reason);
  } finally {
    for (const each of [plain, wrong]) each.close();
  }
  expect((await handlers['remote_databases.servers'](machine, {}, call())).items).toEqual([]);
  expect(globSync(`${machine.stateFolder}/remote-databases/*`)).toEqual([]);
}

async function listening(
  talk: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    talk(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  return {
    port: typeof at === 'object' && at !== null ? at.port : 0,
    close: () => void server.close(),
  };
}

/** Somebody in between who says that the server cannot do TLS. */
function withoutTls({ engine, port }: RemoteScene): ReturnType<typeof listening> {
  return listening((socket) => {
    const behind = connect({ host: '127.0.0.1', port });
    behind.on('error', () => socket.destroy());
    socket.on('close', () => behind.destroy());
    if (engine === 'postgresql') {
      socket.once('data', () => {
        socket.write('N');
        socket.pipe(behind).pipe(socket);
      });
      return;
    }
    behind.once('data', (greeting: Buffer) => {
      const at = greeting.indexOf(0, 5) + 1 + 4 + 8 + 1;
      greeting.writeUInt16LE(greeting.readUInt16LE(at) & ~0x0800, at);
      socket.write(greeting);
      socket.pipe(behind).pipe(socket);
    });
  });
}

/** A way to the server that can be cut: so many connections pass, and nobody after them. */
async function cuttable(port: number): Promise<{ port: number; left: number; passed: number; close: () => void }> {
  const way = { port: 0, left: Number.POSITIVE_INFINITY, passed: 0, close: (): void => undefined };
  const { port: own, close } = await listening((socket) => {
    way.passed += 1;
    way.left -= 1;
    if (way.left < 0) return void socket.destroy();
    const behind = connect({ host: '127.0.0.1', port });
    behind.on('error', () => socket.destroy());
    socket.on('close', () => behind.destroy());
    behind.on('close', () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  });
  return Object.assign(way, { port: own, close });
}

/** Kept, listed, made, changed and deleted; the password goes only where it was given for; nothing of it is seen anywhere. */
export async function worksElsewhere(scene: RemoteScene): Promise<void> {
  const { machine, engine, server } = scene;
  const isMaria = engine === 'mariadb';
  const way = await cuttable(scene.port);
  const facts = factsOf(scene, { port: way.port });
  const { serverId } = facts;
  const trial = await put(machine, { ...facts, isTrial: true });
  expect(trial).toMatchObject({ server: null, found: { isEncrypted: true } });
  expect((await handlers['remote_databases.servers'](machine, {}, call())).items).toEqual([]);
  const { server: kept } = await put(machine, facts);
  expect(kept).toMatchObject({ name: 'far away', usersHost: isMaria ? 'localhost' : '', databases: 0 });
  expect(JSON.stringify(kept)).not.toContain(secret.slice(0, 6));

  // The kept password goes nowhere else, whatever the web process asks for.
  for (const more of [{ host: '127.0.0.1' }, { port: scene.port }, { tls: 'off' as const }, { authority: null }])
    expect(await fieldOf(put(machine, { ...facts, ...more, isNew: false, password: null, isTrial: true }))).toBe(
      'remote_password_again',
    );
  expect(await fieldOf(put(machine, { ...facts, serverId: newChangeId(), password: null, name: 'x' }))).toBe(
    'required',
  );
  expect(await fieldOf(put(machine, { ...facts, serverId: newChangeId() }))).toBe('remote_server_exists');
  const renamed = await put(machine, { ...facts, isNew: false, password: null, name: 'renamed' });
  expect(renamed.server?.name).toBe('renamed');

  const list = () => handlers['remote_databases.list'](machine, { serverId }, call(60));
  const given = { serverId, name: 'far_shop', user: 'far_shop', password: null, charset: null, locale: null };
  const create = (databaseId = newChangeId(), more: Partial<typeof given> = {}) =>
    handlers['remote_databases.create'](machine, { ...given, databaseId, ...more }, call(60));
  const before = userNames(scene);
  const { database, password } = await create();
  expect(password).toMatch(/^\w{28}$/);
  expect(await reasonOf(create(newChangeId()))).toBe('database_exists');
  expect(await reasonOf(create(newChangeId(), { name: 'far_other' }))).toBe('database_user_exists');
  const listed = (await list()).items.find(({ name }) => name === 'far_shop');
  expect(listed).toMatchObject({ databaseId: database.databaseId, user: 'far_shop', state: 'ready' });
  // What is elsewhere is in no list of this machine, and its id opens nothing there.
  const here = (await databasesHandlers['databases.list'](machine, {}, call())).items;
  expect(here.filter(({ name, state }) => name === 'far_shop' && state !== 'foreign')).toEqual([]);
  const databaseId = database.databaseId ?? '';
  expect(await reasonOf(databasesHandlers['databases.show_password'](machine, { databaseId }, call()))).toBe(
    'database_unknown',
  );

  server.sql('create table kept (id int); insert into kept values (1);', 'far_shop');
  const changed = await handlers['remote_databases.change_password'](
    machine,
    { serverId, databaseId, password: null },
    call(60),
  );
  expect(changed.password).not.toBe(password);
  const preview = () => handlers['remote_databases.preview_removal'](machine, { serverId, databaseId }, call(60));
  const remove = (confirm: string) =>
    handlers['remote_databases.remove'](machine, { serverId, databaseId, confirm }, call(60));
  const first = await preview();
  expect(first).toMatchObject({ name: 'far_shop', tables: 1, isUserKept: false });
  server.sql('create table another (id int);', 'far_shop');
  expect(await reasonOf(remove(first.confirm))).toBe('removal_list_changed');

  // It breaks off in the middle: the list says so, and the next look brings it to an end.
  const { confirm } = await preview();
  way.left = 5;
  expect(await reasonOf(remove(confirm))).toMatch(/^remote_server_/);
  way.left = Number.POSITIVE_INFINITY;
  const afterCut = (await list()).items.find(({ name }) => name === 'far_shop');
  if (afterCut !== undefined) expect(await remove((await preview()).confirm)).toEqual({ name: 'far_shop' });
  expect(userNames(scene)).toBe(before);
  expect((await list()).items.map(({ name }) => name)).not.toContain('far_shop');

  // Somebody drops one by hand: what is left of it can be deleted.
  const { database: lone } = await create();
  server.sql(isMaria ? 'drop database far_shop;' : 'drop database far_shop with (force);');
  const left = { serverId, databaseId: lone.databaseId ?? '' };
  expect((await list()).items).toContainEqual(expect.objectContaining({ name: 'far_shop', state: 'missing' }));
  const { confirm: rest } = await handlers['remote_databases.preview_removal'](machine, left, call(60));
  await handlers['remote_databases.remove'](machine, { ...left, confirm: rest }, call(60));
  expect(userNames(scene)).toBe(before);

  for (const passing of [6]) {
    way.left = passing;
    const made = newChangeId();
    const failed = await reasonOf(create(made));
    way.left = Number.POSITIVE_INFINITY;
    const now = await list();
    if (failed === 'none') {
      const removal = { serverId, databaseId: made };
      const shown = await handlers['remote_databases.preview_removal'](machine, removal, call(60));
      await handlers['remote_databases.remove'](machine, { ...removal, confirm: shown.confirm }, call(60));
    } else {
      expect(failed, String(passing)).toMatch(/^remote_server_(lost|unreachable)$/);
      expect(now.items.map(({ name }) => name)).not.toContain('far_shop');
    }
    expect(userNames(scene), String(passing)).toBe(before);
  }

  mustBeUnseen(scene);
  way.close();
  expect(await reasonOf(list())).toBe('remote_server_refused');
  await handlers['remote_databases.remove_server'](machine, { serverId }, call());
  expect(globSync(`${machine.stateFolder}/remote-databases/*`)).toEqual([]);
  expect(await reasonOf(list())).toBe('remote_server_unknown');
}

const userNames = ({ engine, server }: RemoteScene): string =>
  server.sql(
    engine === 'mariadb'
      ? `select user, host from mysql.global_priv order by 1, 2; select schema_name from information_schema.schemata order by 1;`
      : `select rolname from pg_roles order by 1; select datname from pg_database order by 1;`,
  );

/** The administrator's password: in no file of the agent, no argument and no environment of a process. */
function mustBeUnseen({ machine, world }: RemoteScene): void {
  const part = secret.slice(0, 10);
  for (const { args, environment } of everyProcess())
    expect(args.includes(part) || environment.includes(part)).toBe(false);
  for (const path of globSync(`${machine.stateFolder}/**/*`, { withFileTypes: true }))
    if (path.isFile()) expect(readFileSync(`${path.parentPath}/${path.name}`, 'latin1')).not.toContain(part);
  const log = `${world.prefix}/run/mysqld/general.log`;
  if (existsSync(log)) expect(readFileSync(log, 'latin1')).not.toContain(part);
}

/** Code of the first field of a refusal. */
async function fieldOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    const [first] = (error as { fields?: readonly { code: string }[] }).fields ?? [];
    return first?.code ?? String(error);
  }
}

/** An agent that was killed leaves files with passwords: the next one removes them before anybody asks. */
export async function tidiesUp({ world, machine }: RemoteScene): Promise<void> {
  const folder = `${machine.stateFolder}/remote-databases`;
  const { makeFolders, putFile, Unsynced } = await import('../../core/files.ts');
  for (const name of ['trial-aaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaa/databases/scratch/agent/access-1']) {
    makeFolders(`${folder}/${name}`);
    const unsynced = new Unsynced();
    putFile(`${folder}/${name}/secret`, Buffer.from(secret), { mode: 0o600 }, 'secret', unsynced);
    unsynced.drop();
  }
  tidyServers(machine);
  expect(globSync(`${folder}/**/secret`)).toEqual([]);
  expect(world.prefix).not.toBe('');
}

import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#shared/errors.ts';
import { newPassword, scramOf } from '../../databases/seal.ts';
import { closeFile, makeFolder, openFile, putFile, removeOwnFolder, Unsynced } from '../../core/files.ts';
import { startProgram, type Program } from '../../core/run.ts';
import type { BackupWork } from '../work.ts';
import { accountOf, type ServerPlace } from './address.ts';
import { ask, literal, portIn, postgresProgram, quoted } from './client.ts';
import { clientFailure, dumpFailed } from './dump-errors.ts';
import { loadPostgres } from './load.ts';
import { PostgresFilter, type LoadedBy } from './postgres-filter.ts';
import { PostgresReader } from './postgres-reader.ts';
import { ownSettings } from './postgres-settings.ts';
import { wordAt } from './scanner-facts.ts';

/*
 * A dump brings code of the database's owner that runs while it is loaded: checks of tables and domains, generated
 * columns. PostgreSQL has no border inside a session that such code could not leave again, so none of it ever runs in one
 * of the superuser's: a role that lives as long as the load, and can do what the owner can do, loads it.
 * https://www.postgresql.org/docs/current/sql-set-session-authorization.html
 */

const name = (text: string): string => quoted('postgresql', text);
const text = (value: string): string => literal('postgresql', value);

const rolesOf = (id: string): { readonly load: string; readonly own: string } => ({
  load: `aapanel_load_${id}`,
  own: `aapanel_own_${id}`,
});

/**
 * Loads a spooled dump into an empty database whose owner is `owner`. An owner who is superuser loads as such: nothing in
 * such a database is less trusted than itself. `id` names the roles, which `dropLoaders` removes.
 */
export async function loadAsOwner(
  work: BackupWork,
  side: ServerPlace,
  path: string,
  owner: string,
  id: string,
): Promise<void> {
  const superusers = await superusersOf(work, side);
  if (side.address.kind !== 'socket' || superusers.has(owner)) return await loadPostgres(work, side, path);
  const { load, own } = rolesOf(id);
  try {
    const extensions = await extensionsIn(path);
    await prepare(work, side, owner, extensions);
    const schemas = new Set(extensions.flatMap(({ schema }) => schema ?? []));
    const filter = new PostgresFilter({ owner, superusers, schemas } satisfies LoadedBy);
    await asRole(work, side, load, [owner], async (client) => {
      client.stdin.write(`set role ${name(owner)};\n`);
      await send(client, path, filter);
    });
    let left = filter.left;
    if (filter.rights.length > 0) {
      const statements = Buffer.concat(filter.rights);
      left += await trying(work, side, load, [owner], `set role ${name(owner)};\n${statements.toString('utf8')}\n`);
    }
    // No code runs when something changes hands, so this role may be member of all of them; the other one must never.
    const others = [...filter.owners.keys()];
    if (others.length > 0)
      left += await trying(work, side, own, [owner, ...others], [...filter.owners.values()].flat().join('\n'));
    if (left > 0)
      work.report({ what: 'normalised', subject: side.database, reason: 'rights_left', params: { count: left } });
  } finally {
    await dropLoaders({ ...work, signal: new AbortController().signal }, side, owner, id);
  }
}

async function superusersOf(work: BackupWork, side: ServerPlace): Promise<ReadonlySet<string>> {
  const rows = await ask(
    work,
    side,
    `${ownSettings}\nselect json_build_array(rolname) from pg_roles where rolsuper or rolname ~ '^pg_';`,
  );
  return new Set(rows.flat());
}

type Extension = { readonly name: string; readonly schema: string | undefined };

/** Extensions stand before everything that has code of the owner's. */
async function extensionsIn(path: string): Promise<Extension[]> {
  const found: Extension[] = [];
  let isOver = false;
  const reader = new PostgresReader((edge, _, tokens) => {
    if (edge === 'data') isOver = true;
    if (edge !== 'statement' || isOver || wordAt(tokens, 0) !== 'CREATE') return;
    const kind = wordAt(tokens, 1);
    if (kind !== 'EXTENSION') isOver = kind !== 'SCHEMA';
    const names = tokens.flatMap((token) => (token.kind === 'name' ? [token.text] : []));
    if (kind === 'EXTENSION' && names[0] !== undefined) found.push({ name: names[0], schema: names[1] });
  });
  const stream = createReadStream(path, { highWaterMark: 64 * 1024 });
  for await (const piece of stream) {
    reader.read(piece as Buffer);
    if (isOver) break;
  }
  stream.destroy();
  return found.filter((each) => each.name !== 'plpgsql');
}

/** What only the superuser may do, in a database where nobody has put code yet. */
async function prepare(work: BackupWork, side: ServerPlace, owner: string, extensions: Extension[]): Promise<void> {
  const made = extensions.map((each) => {
    const isOwn = each.schema !== undefined && !/^(pg_|information_schema$)/.test(each.schema);
    const schema = isOwn ? `create schema if not exists ${name(each.schema)} authorization ${name(owner)};` : '';
    const place = each.schema === undefined ? '' : ` with schema ${name(each.schema)}`;
    return `${schema} create extension if not exists ${name(each.name)}${place};`;
  });
  // Before version 15 it belongs to the superuser. Rows of extensions' own tables may be part of a dump.
  await ask(
    work,
    side,
    `${ownSettings}
     ${publicTo(owner)}
     ${made.join('\n')}
     ${rightsOnRows('grant', 'to', owner)}`,
  );
}

/** A body as a text, because no name in it can end that. */
const run = (body: string): string => `do ${text(body)};`;

const publicTo = (owner: string): string =>
  run(`begin
    if (select rolsuper from pg_namespace n join pg_roles r on r.oid = n.nspowner where nspname = 'public') then
      execute format('alter schema public owner to %I', ${text(owner)});
    end if;
  end`);

const rightsOnRows = (what: 'grant' | 'revoke', to: 'to' | 'from', role: string): string =>
  run(`declare it record; begin
    for it in select c.oid::regclass as thing, c.relkind = 'S' as is_sequence
      from pg_extension, unnest(extconfig) as k join pg_class c on c.oid = k loop
      execute format('${what} %s on %s %s ${to} %I',
        case when it.is_sequence then 'update' else 'insert' end,
        case when it.is_sequence then 'sequence' else 'table' end, it.thing, ${text(role)});
    end loop;
  end`);

async function send(client: Program, path: string, filter: PostgresFilter): Promise<void> {
  await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), filter, client.stdin).catch(
    (error: unknown) => {
      // A client that stopped says why itself.
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('E')) return;
      client.kill();
      throw error;
    },
  );
}

/** Says statements one by one; answers how many were refused. */
async function trying(
  work: BackupWork,
  side: ServerPlace,
  role: string,
  members: readonly string[],
  statements: string,
): Promise<number> {
  let refused = 0;
  let rest = '';
  const count = (chunk: Buffer): void => {
    const lines = `${rest}${chunk.toString('latin1')}`.split('\n');
    rest = lines.pop() ?? '';
    refused += lines.filter((line) => line.includes('ERROR:')).length;
  };
  await asRole(work, side, role, members, (client) => void client.stdin.end(`${ownSettings}\n${statements}`), count);
  return refused;
}

/** A client of the server as a role that can do what `members` can do. Its password is known to nobody else. */
async function asRole(
  work: BackupWork,
  side: ServerPlace,
  role: string,
  members: readonly string[],
  talk: (client: Program) => Promise<void> | void,
  onStderr?: (chunk: Buffer) => void,
): Promise<void> {
  const password = newPassword();
  const isKnown = (await rolesNow(work, side, [role])).length > 0;
  await ask(
    work,
    side,
    `${ownSettings}
     ${isKnown ? '' : `create role ${name(role)};`}
     alter role ${name(role)} login inherit password ${text(scramOf(password))} valid until ${text(tomorrow(work.now()))};
     grant ${members.map(name).join(', ')} to ${name(role)};`,
  );
  const key = passwordFile(work, password);
  try {
    const isTrying = onStderr !== undefined;
    const client = startProgram(postgresProgram('psql'), ['-X', '-q', '-v', `ON_ERROR_STOP=${isTrying ? 0 : 1}`], {
      // What a hostile dump may make the client do is done by nobody.
      ...key.ids,
      environment: {
        PGHOST: '127.0.0.1',
        PGPORT: portIn(side.address.kind === 'socket' ? side.address.path : ''),
        PGDATABASE: side.database,
        PGUSER: role,
        PGPASSFILE: '/proc/self/fd/3',
        PGCONNECT_TIMEOUT: '10',
        PGCLIENTENCODING: 'UTF8',
        HOME: '/nonexistent',
      },
      extraFds: [key.fd],
      stdin: 'pipe',
      signal: work.signal,
      isBackground: true,
      diesWithUs: true,
      ...(isTrying ? { onStderr } : {}),
    });
    client.stdout.resume();
    const [problem, { code, stderr, isKilled }] = await Promise.all([
      Promise.resolve(talk(client)).catch((error: unknown) => error ?? new Error('not sent')),
      client.ended,
    ]);
    work.signal.throwIfAborted();
    if (problem !== undefined) throw dumpFailed(side.database, problem);
    if (code !== 0 || isKilled) throw failureOf(side.database, stderr);
  } finally {
    key.remove();
  }
}

function failureOf(database: string, stderr: string): AppError {
  if (!/permission denied|must be (superuser|owner)|only superuser/i.test(stderr))
    return clientFailure(database, stderr);
  return new AppError('not_allowed', 'The dump has something that only the superuser of the server may make.', {
    reason: 'backup_superuser_needed',
    params: { database },
    cause: new Error(stderr.slice(-2000)),
  });
}

const tomorrow = (now: number): string => new Date(now + 24 * 3_600_000).toISOString();

/** Open, and readable only by who runs the client; its folder is closed to everybody but us. */
function passwordFile(
  work: Pick<BackupWork, 'scratch'>,
  password: string,
): { readonly fd: number; readonly ids: { uid?: number; gid?: number }; readonly remove: () => void } {
  const folder = `${work.scratch}/access-${randomBytes(6).toString('hex')}`;
  const account = accountOf('nobody');
  const ids = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  makeFolder(folder, { mode: 0o700 });
  const unsynced = new Unsynced();
  const bytes = Buffer.from(`*:*:*:*:${password}\n`);
  putFile(`${folder}/secret`, bytes, { mode: 0o600, ...ids }, 'secret', unsynced);
  unsynced.drop();
  const fd = openFile(`${folder}/secret`)?.fd ?? 0;
  const remove = (): void => {
    closeFile(fd);
    removeOwnFolder(folder);
  };
  return { fd, ids, remove };
}

async function rolesNow(
  work: Pick<BackupWork, 'scratch' | 'signal'>,
  side: ServerPlace,
  names: readonly string[],
): Promise<string[]> {
  const list = names.map(text).join(', ');
  const sql = `select json_build_array(rolname) from pg_roles where rolname in (${list});`;
  return (await ask(work, side, `${ownSettings}\n${sql}`)).flat();
}

/** Takes the roles of a load away, also those that a crash left. The superuser's work: `side` may be gone. */
export async function dropLoaders(
  work: Pick<BackupWork, 'scratch' | 'signal'>,
  side: ServerPlace,
  owner: string,
  id: string,
): Promise<void> {
  const { load, own } = rolesOf(id);
  for (const role of await rolesNow(work, side, [load, own])) {
    // Code of the owner may have used the moment to sign in with it, or to make something under its name.
    await ask(
      work,
      side,
      `${ownSettings}
       alter role ${name(role)} nologin;
       select json_build_array(pg_terminate_backend(pid)::text) from pg_stat_activity where usename = ${text(role)};
       reassign owned by ${name(role)} to ${name(owner)};
       drop owned by ${name(role)} cascade;
       drop role ${name(role)};`,
    );
  }
  await ask(work, side, `${ownSettings}\n${rightsOnRows('revoke', 'from', owner)}`);
}

import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Config } from '#server/config.ts';
import type { Safety } from '#server/db/migrate.ts';
import { CommandError, type CommandContext } from './command.ts';
import { runTool } from './rescue-process.ts';

/*
 * The copy before a migration. SQLite: by SQLite itself, in every environment. A server: by its own dump program, in
 * production, where it must succeed. The password stands in a file or variable that only this user can read, never in the
 * arguments.
 */

type ServerConfig = Extract<Config['database'], { host: string }>;
export type Guard = { readonly safety: Safety | undefined; readonly copy: () => string | undefined };

export async function guardOf(ctx: CommandContext, { database, isProduction, dataDir }: Config): Promise<Guard> {
  const { copyFolder, sqliteSafety } = await import('#server/db/migrate-copy.ts');
  const { historyOf } = await import('#server/db/migrate-history.ts');
  let copy: string | undefined;
  const onCopy = (path: string) => {
    copy = path;
    ctx.out(ctx.text('databaseCopied', { path }));
  };
  let inner: Safety | undefined;
  if (database.type === 'sqlite') inner = sqliteSafety(database.path, copyFolder(database.path), onCopy);
  else if (isProduction) inner = dumpSafety(ctx, database, join(dataDir, 'before-migrations'), onCopy);
  if (inner === undefined) return { safety: undefined, copy: () => copy };
  const given = inner;
  const safety: Safety = {
    ...inner,
    async before(db, names) {
      const rows = await historyOf(db).selectFrom('schema_migration').select('name').limit(1).execute();
      // Nothing was ever in it.
      if (rows.length === 0) return;
      try {
        await given.before(db, names);
      } catch (error) {
        const { redactText } = await import('#server/core/log.ts');
        const detail = redactText((error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '');
        throw new CommandError(ctx.text('copyFailed', { detail }));
      }
    },
  };
  return { safety, copy: () => copy };
}

function dumpSafety(
  ctx: CommandContext,
  database: ServerConfig,
  folder: string,
  onCopy: (path: string) => void,
): Safety {
  return {
    async before(_db, names) {
      const { copyName, dropOldCopies } = await import('#server/db/migrate-copy.ts');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const isPostgres = database.type === 'postgresql';
      const path = join(folder, copyName(names, isPostgres ? 'dump' : 'sql', new Date()));
      closeSync(openSync(path, 'w', 0o600));
      try {
        await (isPostgres ? dumpPostgres(ctx, database, path) : dumpMariadb(ctx, database, path));
        chmodSync(path, 0o600);
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      }
      dropOldCopies(folder);
      onCopy(path);
    },
    check: () => Promise.resolve(),
    // A dump is put back by a person: the server may hold more than the panel knows.
    restore: () => Promise.resolve(false),
  };
}

const folders = ['/usr/bin', '/usr/local/bin'];

function toolOf(ctx: CommandContext, names: readonly string[]): string {
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  if (found === undefined) throw new Error(ctx.text('dumpToolMissing', { program: names[0] ?? '' }));
  return found;
}

async function dumpPostgres(ctx: CommandContext, database: ServerConfig, path: string): Promise<void> {
  const sslModes = { off: 'prefer', require: 'require', verify: 'verify-full' } as const;
  const env = {
    PGPASSWORD: database.password,
    PGSSLMODE: sslModes[database.tls],
    ...(database.caPath === null ? {} : { PGSSLROOTCERT: database.caPath }),
    PGCONNECT_TIMEOUT: '10',
  };
  const place = ['-h', database.socketPath ?? database.host, '-p', String(database.port), '-U', database.user];
  const program = toolOf(ctx, ['pg_dump']);
  await must(ctx, program, ['--no-password', '--format=custom', '-f', path, ...place, '--', database.name], env);
  // Read again: what is in the table of contents can be put back.
  const list = await must(ctx, toolOf(ctx, ['pg_restore']), ['--list', path], {});
  if (!/TABLE DATA \S+ schema_migration /.test(list)) throw new Error('the dump is not complete');
}

async function dumpMariadb(ctx: CommandContext, database: ServerConfig, path: string): Promise<void> {
  const options = `${path}.cnf`;
  const quoted = (value: string) => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  const place =
    database.socketPath === null
      ? [`host=${quoted(database.host)}`, `port=${database.port}`, 'protocol=tcp']
      : [`socket=${quoted(database.socketPath)}`];
  const tls = {
    off: [],
    require: ['ssl'],
    verify: [
      'ssl',
      'ssl-verify-server-cert',
      ...(database.caPath === null ? [] : [`ssl-ca=${quoted(database.caPath)}`]),
    ],
  }[database.tls];
  const access = [`user=${quoted(database.user)}`, `password=${quoted(database.password)}`];
  writeFileSync(options, ['[client]', ...place, ...access, ...tls, ''].join('\n'), { mode: 0o600 });
  try {
    const program = toolOf(ctx, ['mariadb-dump', 'mysqldump']);
    const flags = ['--single-transaction', '--quick', '--routines', '--triggers', '--hex-blob', '--no-tablespaces'];
    await must(
      ctx,
      program,
      [`--defaults-file=${options}`, ...flags, `--result-file=${path}`, '--', database.name],
      {},
    );
  } finally {
    rmSync(options, { force: true });
  }
  if (!endOf(path).includes('-- Dump completed')) throw new Error('the dump is not complete');
}

async function must(
  ctx: CommandContext,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { code, out, err } = await runTool(ctx, program, args, env);
  if (code !== 0) throw new Error(err.split('\n', 1)[0] || `${program}: ${code}`);
  return out;
}

function endOf(path: string): string {
  const length = 200;
  const { size } = statSync(path);
  const file = openSync(path, 'r');
  try {
    const part = Buffer.alloc(length);
    const read = readSync(file, part, 0, length, Math.max(0, size - length));
    return part.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}

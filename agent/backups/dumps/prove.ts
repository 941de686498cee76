import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { removeFile } from '../../core/files.ts';
import type { DumpPart } from '../manifest.ts';
import type { BackupWork, Dump } from '../work.ts';
import { ask, quoted } from './client.ts';
import { mustBeEqual } from './dump-errors.ts';
import { createMariadb, createPostgres, databaseOf, mariadbHead, postgresHead } from './heads.ts';
import { headOf, loadMariadb, loadPostgres } from './load.ts';
import { openMariadbDump } from './mariadb-dump.ts';
import { MariadbReader } from './mariadb-reader.ts';
import type { ServerPlace } from './address.ts';
import { openPostgresDump } from './postgres-dump.ts';
import { RowSums } from './row-sums.ts';
import type { DumpContent } from './scanner-facts.ts';
import { spoolDump } from './spool.ts';
import { readSqliteContent } from './sqlite-content.ts';
import { removeDatabaseFiles } from './sqlite-dump.ts';
import { readAll, silenceMs } from './stream.ts';
import { startThrowaway } from './throwaway.ts';

/** Loads a dump into a server that is made for it and thrown away, dumps that again and compares every table and count. */
export async function proveDump(work: BackupWork, part: DumpPart, input: Readable): Promise<void> {
  const path = await spoolDump(work, part, input);
  // What a dump reports of its tables was reported when it was made.
  const quiet = { ...work, report: () => undefined };
  try {
    if (part.fileName === 'dump.sqlite') return proveSqlite(part, path);
    await proveOnServer(quiet, part, path);
  } finally {
    removeDatabaseFiles(path);
    removeFile(path);
  }
}

function proveSqlite(part: DumpPart, path: string): void {
  mustBeEqual(part, readSqliteContent(path), part.name);
}

async function proveOnServer(work: BackupWork, part: DumpPart, path: string): Promise<void> {
  const engine = part.source.kind !== 'sqlite' && part.source.engine === 'mariadb' ? 'mariadb' : 'postgresql';
  const server = await startThrowaway(work, engine, Number.parseInt(part.serverVersion, 10) || undefined);
  try {
    const place: ServerPlace = { engine, database: databaseOf(part), address: server.address };
    await (engine === 'mariadb' ? fillMariadb(work, place, path) : fillPostgres(work, place, path));
    mustBeEqual(part, await contentLike(work, place, part, path), part.name);
  } finally {
    await server.remove();
  }
}

async function fillMariadb(work: BackupWork, place: ServerPlace, path: string): Promise<void> {
  const { data: head } = mariadbHead.safeParse(await headOf(path));
  const definers = head?.definers ?? [];
  // A view whose definer is missing cannot even be looked at.
  const accounts = definers.map(({ user, host }) => `${accountText(user)}@${accountText(host)}`);
  const users = accounts.map((each) => `create user if not exists ${each}; grant all on *.* to ${each};`);
  await ask(work, { ...place, database: '' }, [...users, createMariadb(place.database, head)].join('\n'));
  await loadMariadb(work, place, path, 'all');
}

/** An account's part as a quoted name: the place of a string that the server takes no bytes for. */
function accountText(value: string): string {
  return quoted('mariadb', value);
}

async function fillPostgres(work: BackupWork, place: ServerPlace, path: string): Promise<void> {
  const { data: head } = postgresHead.safeParse(await headOf(path));
  const system = { ...place, database: 'postgres' };
  const names = [...new Set([...(head?.roles ?? []), head?.owner ?? 'postgres'])];
  const roles = names.filter((name) => name !== 'postgres').map((name) => `create role ${quoted('postgresql', name)};`);
  await ask(work, system, roles.join('\n'));
  if (place.database !== 'postgres') {
    const make = (isPlain: boolean): Promise<unknown> =>
      ask(work, system, createPostgres(place.database, head, head?.owner ?? 'postgres', isPlain));
    // Its order of texts does not matter for what is compared.
    await make(false).catch(() => make(true));
  }
  await loadPostgres(work, place, path);
}

/** What is in a database now, read the way a backup reads it. */
export async function contentOf(work: BackupWork, place: ServerPlace): Promise<Awaited<Dump['facts']>> {
  const dump = place.engine === 'mariadb' ? await openMariadbDump(work, place) : await openPostgresDump(work, place);
  await readAll(dump.stream);
  return await dump.facts;
}

/**
 * The same, compared with the spooled dump that it was loaded from: a table with the same rows in another order counts
 * as equal, because a server need not keep their order.
 */
export async function contentLike(
  work: BackupWork,
  place: ServerPlace,
  expected: DumpContent,
  path: string,
): Promise<DumpContent> {
  const found = await contentOf(work, place);
  const wanted = new Map(expected.tables.map((table) => [table.name, table]));
  const odd = found.tables.filter(({ name, rows, sha256 }) => {
    const table = wanted.get(name);
    return table?.rows === rows && table.sha256 !== sha256;
  });
  if (place.engine !== 'mariadb' || odd.length === 0) return found;
  const names = odd.map(({ name }) => name);
  const saved = new RowSums(names);
  const reader = new MariadbReader(undefined, saved);
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) reader.read(piece as Buffer);
  mustBeEqual(expected, reader.content(), place.database);
  const loaded = new RowSums(names);
  await readAll((await openMariadbDump(work, place, silenceMs, loaded)).stream);
  const same = new Set(loaded.list().filter((sum) => saved.list().includes(sum)));
  const isSame = (name: string): boolean => [...same].some((sum) => sum.startsWith(`${JSON.stringify(name)} `));
  return {
    ...found,
    tables: found.tables.map((table) => (isSame(table.name) ? (wanted.get(table.name) ?? table) : table)),
  };
}

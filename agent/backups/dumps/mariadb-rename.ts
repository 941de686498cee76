import { look, makeFolders, removeOwnFolder } from '../../core/files.ts';
import type { BackupWork } from '../work.ts';
import type { ServerPlace } from './address.ts';
import { ask, literal, quoted } from './client.ts';
import { databaseExists, dumpFailed } from './dump-errors.ts';
import { loadMariadb } from './load.ts';
import { keepPresentCode } from './mariadb-restore.ts';
import { countCode, dropCode, markerTable, onServer, patience, tablesOf } from './mariadb-swap.ts';

/*
 * MariaDB cannot rename a database. A new one is made, what is no table is taken away and made again there, and all
 * tables change over in one statement, which the server does as a whole or not at all. The way back is the same with the
 * names exchanged. Each step can be done twice.
 */

export type MariadbMove = {
  readonly from: string;
  readonly to: string;
  /** Says in the server whose both are; nothing that carries another one is touched. */
  readonly mark: string;
  /** Where the code is kept meanwhile; gone with `endMove`. */
  readonly folder: string;
};

type Counts = Awaited<ReturnType<typeof countCode>>;

const name = (text: string): string => quoted('mariadb', text);
const text = (value: string): string => literal('mariadb', value);
const is = (column: string, value: string): string => `cast(${column} as binary) = cast(${text(value)} as binary)`;
/** The grammar takes no other kind of literal for a comment. */
function plain(mark: string): string {
  if (!/^[a-z0-9 ]+$/.test(mark)) throw new TypeError('no mark of ours');
  return mark;
}
const codeFile = ({ folder }: MariadbMove): string => `${folder}/code.sql`;

/** What is no table, on our disk, before anything changes: afterwards it is the only copy. */
export async function keepForMove(work: BackupWork, place: ServerPlace, move: MariadbMove): Promise<Counts> {
  makeFolders(move.folder);
  await keepPresentCode(work, { ...place, database: move.from }, codeFile(move));
  return await countCode(work, place, move.from);
}

export function endMove({ folder }: Pick<MariadbMove, 'folder'>): void {
  if (look(folder).type === 'folder') removeOwnFolder(folder);
}

/** Everything of `from` is in `to` when this ends, and `from` is gone. Also what a crash has left of it. */
export async function moveMariadb(
  work: BackupWork,
  place: ServerPlace,
  move: MariadbMove,
  counts: Counts,
): Promise<void> {
  const { from, to } = move;
  const [source, target] = [await factsOf(work, place, from), await factsOf(work, place, to)];
  if (target !== undefined && target.comment !== move.mark) throw databaseExists(to);
  if (source?.comment !== move.mark) return await checkThere(work, place, move, counts, target);
  const settings = `character set ${source.charset} collate ${source.collation} comment '${plain(move.mark)}'`;
  await say(work, place, `create database if not exists ${name(to)} ${settings};`);
  if (!(await hasMarker(work, place, to))) await keepGrants(work, place, from);
  await dropCode(work, place, to);
  await dropCode(work, place, from);
  if (await hasMarker(work, place, from)) await moveTables(work, place, from, to);
  await loadMariadb(work, { ...place, database: to }, codeFile(move), 'all');
  await moveGrants(work, place, from, to);
  await mustBeSame(work, place, to, counts);
  await dropEmpty(work, place, from);
  await say(work, place, `drop table if exists ${name(to)}.${name(markerTable)};`);
}

/** The old one was dropped already: all that was left to do is what comes after that. */
async function checkThere(
  work: BackupWork,
  place: ServerPlace,
  { to }: MariadbMove,
  counts: Counts,
  target: Facts | undefined,
): Promise<void> {
  if (target === undefined) throw dumpFailed(to, new Error('neither of both databases is there'));
  await mustBeSame(work, place, to, counts);
  await say(work, place, `drop table if exists ${name(to)}.${name(markerTable)};`);
}

const say = (work: BackupWork, place: ServerPlace, sql: string): Promise<string[][]> => ask(work, onServer(place), sql);

type Facts = { readonly charset: string; readonly collation: string; readonly comment: string };

async function factsOf(work: BackupWork, place: ServerPlace, database: string): Promise<Facts | undefined> {
  const sql = `select default_character_set_name, default_collation_name, schema_comment
    from information_schema.schemata where ${is('schema_name', database)};`;
  const [row] = await say(work, place, sql);
  if (row === undefined) return undefined;
  const [charset = '', collation = '', comment = ''] = row;
  if (!/^\w+$/.test(charset) || !/^\w+$/.test(collation)) throw new TypeError('no character set');
  return { charset, collation, comment };
}

async function hasMarker(work: BackupWork, place: ServerPlace, database: string): Promise<boolean> {
  const sql = `select 1 from information_schema.tables where ${is('table_schema', database)} and table_name = '${markerTable}';`;
  return (await say(work, place, sql)).length > 0;
}

/** Rights on routines go with the routines: they are kept in a table that moves with the others. */
async function keepGrants(work: BackupWork, place: ServerPlace, from: string): Promise<void> {
  const rows = `select * from mysql.procs_priv where ${is('db', from)}`;
  await say(work, place, `create table if not exists ${name(from)}.${name(markerTable)} engine = InnoDB as ${rows};`);
}

async function moveTables(work: BackupWork, place: ServerPlace, from: string, to: string): Promise<void> {
  const tables = [...(await tablesOf(work, place, from)), markerTable];
  const moves = tables.map((each) => `${name(from)}.${name(each)} to ${name(to)}.${name(each)}`);
  await say(work, place, `${patience}\nrename table ${moves.join(', ')};`);
}

/** In tables of rights `_` and `%` stand for other characters, unless they are escaped. */
const escaped = (database: string): string => database.replaceAll(/[\\_%]/g, (sign) => `\\${sign}`);

/** Whoever had rights on the database, or on a table or routine of it, has them under its new name. */
async function moveGrants(work: BackupWork, place: ServerPlace, from: string, to: string): Promise<void> {
  const change = (table: string, old: string, next: string): string =>
    `update ignore mysql.${table} set db = ${text(next)} where ${is('db', old)};
     delete from mysql.${table} where ${is('db', old)};`;
  const marker = `${name(to)}.${name(markerTable)}`;
  await say(
    work,
    place,
    `${change('db', escaped(from), escaped(to))}
     ${from === escaped(from) ? '' : change('db', from, escaped(to))}
     ${change('tables_priv', from, to)}
     ${change('columns_priv', from, to)}
     update ${marker} set db = ${text(to)};
     insert ignore into mysql.procs_priv select * from ${marker};
     flush privileges;`,
  );
}

async function mustBeSame(work: BackupWork, place: ServerPlace, to: string, counts: Counts): Promise<void> {
  const found = await countCode(work, place, to);
  const differing = (['routines', 'triggers', 'views', 'events'] as const).find((kind) => counts[kind] !== found[kind]);
  if (differing !== undefined) throw dumpFailed(to, new Error(`the number of ${differing} is another`));
}

/** Never one with something in it. */
async function dropEmpty(work: BackupWork, place: ServerPlace, from: string): Promise<void> {
  const left = [...(await tablesOf(work, place, from)), ...((await hasMarker(work, place, from)) ? [markerTable] : [])];
  const code = Object.values(await countCode(work, place, from)).some((count) => count > 0);
  if (left.length > 0 || code) throw dumpFailed(from, new Error('something is left in the old database'));
  await say(work, place, `drop database ${name(from)};`);
}

/** Code anywhere on the server whose text names a database: it is left as somebody wrote it. */
export async function codeNaming(work: BackupWork, place: ServerPlace, database: string): Promise<string[]> {
  const named = (column: string): string =>
    `(instr(${column}, ${text(`\`${database}\`.`)}) > 0 or ${column} regexp ${text(`(^|[^A-Za-z0-9_$])${database}[.]`)})`;
  const rows = await say(
    work,
    place,
    `select 'view', table_schema, table_name from information_schema.views where ${named('view_definition')};
     select 'routine', routine_schema, routine_name from information_schema.routines where ${named('routine_definition')};
     select 'trigger', trigger_schema, trigger_name from information_schema.triggers where ${named('action_statement')};`,
  );
  return rows.slice(0, 50).map(([kind = '', schema = '', each = '']) => `${kind} ${schema}.${each}`);
}

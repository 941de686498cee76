import { readFileSync } from 'node:fs';
import { loadConfig, type Config, type DatabaseConfig } from '#server/config.ts';
import { databaseConfig, parseDatabaseUrl } from '#server/config/database.ts';
import { redactText } from '#server/core/log.ts';
import { openDatabase } from '#server/db/connect.ts';
import { moveDatabase, MoveError, type MovedTable } from '#server/db/move.ts';
import type { Db } from '#server/db/schema.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { envFileOf, writeEnvFile } from '../env-file.ts';
import { parseOptions } from '../options.ts';
import { loadActingConfig } from '../panel-database.ts';
import { probe } from './health.ts';

/**
 * `aapanel db move`: everything into another, empty database. The panel must be stopped: what it wrote meanwhile would
 * stay behind. The old database is never written.
 */
export const dbMove: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, {
    to: 'string',
    'to-env': 'string',
    'to-stdin': 'boolean',
    'password-file': 'string',
    'write-config': 'boolean',
    again: 'boolean',
    json: 'boolean',
  });
  const config = loadConfig(ctx.input);
  const url = targetUrl(ctx, options);
  const target = targetOf(ctx, config, url, options['password-file']);
  await refuseRunningPanel(ctx, config, 'movePanelRuns');
  const isJson = options.json === true;
  if (!isJson) ctx.out(ctx.text('moveFrom', { from: shown(config.database), to: shown(target) }));
  const moved = await move(ctx, config, target, options.again === true);
  await refuseRunningPanel(ctx, config, 'movePanelStarted');
  const rows = moved.reduce((sum, table) => sum + table.rows, 0);
  if (isJson) ctx.out(JSON.stringify({ moved: true, tables: moved, rows }));
  else {
    for (const table of moved) ctx.out(ctx.text('moveTable', { table: table.table, rows: table.rows }));
    ctx.out(ctx.text('moveDone', { rows, tables: moved.length }));
  }
  if (options['write-config'] === true) return writeConfig(ctx, target, isJson ? ctx.err : ctx.out);
  const print = isJson ? ctx.err : ctx.out;
  print(ctx.text('moveNext'));
  for (const [name, value] of Object.entries(settingsOf(target)))
    if (value !== null) print(`  ${name}=${redactText(value)}`);
  return exitCodes.success;
};

type TargetOptions = { readonly to?: string; readonly 'to-env'?: string; readonly 'to-stdin'?: boolean };

function targetUrl(ctx: CommandContext, { to, 'to-env': name, 'to-stdin': isStdin }: TargetOptions): string {
  const given = [to, name, isStdin].filter((value) => value !== undefined);
  if (given.length !== 1) throw new UsageError(ctx.text('moveTargetMissing'));
  if (to !== undefined) {
    if (/:\/\/[^/@]*:[^/@]+@/.test(to)) ctx.err(ctx.text('movePasswordVisible'));
    return to;
  }
  const url = name === undefined ? readFileSync(0, 'utf8') : (ctx.input.env[name] ?? '');
  if (url.trim() === '') throw new UsageError(ctx.text('moveTargetMissing'));
  return url.trim();
}

function targetOf(ctx: CommandContext, config: Config, url: string, passwordFile: string | undefined): DatabaseConfig {
  const address = parseDatabaseUrl(url, ctx.input.cwd);
  if (address === undefined) throw new CommandError(ctx.text('moveUrlInvalid'));
  const { pool } = config.database;
  if (address.type === 'sqlite' || passwordFile === undefined) return databaseConfig(address, pool, false);
  const password = readFileSync(passwordFile, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  return databaseConfig({ ...address, password }, pool, false);
}

async function refuseRunningPanel(
  ctx: CommandContext,
  config: Config,
  sentence: 'movePanelRuns' | 'movePanelStarted',
): Promise<void> {
  const status = await probe(await loadActingConfig(config), 'live');
  if (status !== undefined) throw new CommandError(ctx.text(sentence));
}

async function move(
  ctx: CommandContext,
  config: Config,
  target: DatabaseConfig,
  isAgain: boolean,
): Promise<MovedTable[]> {
  const opened: Db[] = [];
  const open = async (database: DatabaseConfig) => {
    const db = await openDatabase({ database }, undefined, { isMaintenance: true });
    opened.push(db);
    return db;
  };
  try {
    return await moveDatabase(await open(config.database), await open(target), { isAgain });
  } catch (error) {
    if (error instanceof MoveError) throw new CommandError(ctx.text(`move_${error.fault}`, { detail: error.detail }));
    throw error;
  } finally {
    for (const db of opened) await db.destroy();
  }
}

/** Without user and password. */
function shown(database: DatabaseConfig): string {
  return database.type === 'sqlite'
    ? database.path
    : `${database.type}://${database.host}:${database.port}/${database.name}`;
}

function settingsOf(target: DatabaseConfig): Record<string, string | null> {
  const url = target.type === 'sqlite' ? `sqlite:///${target.path}` : target.url;
  return { DATABASE_TYPE: target.type, DB_DRIVER: null, DATABASE_URL: url };
}

function writeConfig(ctx: CommandContext, target: DatabaseConfig, print: (line: string) => void): number {
  const path = envFileOf(ctx.input);
  let detail: string;
  try {
    const written = writeEnvFile(path, settingsOf(target), new Date());
    // Another argument list: the configuration of this one is kept in memory.
    const now = loadConfig({ ...ctx.input, argv: [...ctx.input.argv, '--after-move'] }).database;
    if (JSON.stringify(place(now)) === JSON.stringify(place(target))) {
      print(ctx.text('moveWritten', { path, backup: written.backup ?? '—' }));
      return exitCodes.success;
    }
    written.undo();
    detail = ctx.text('moveOverridden');
  } catch (error) {
    detail = redactText(error instanceof Error ? error.message : String(error));
  }
  ctx.err(ctx.text('moveNotWritten', { path, detail }));
  ctx.err(ctx.text('moveNext'));
  for (const [name, value] of Object.entries(settingsOf(target)))
    if (value !== null) ctx.err(`  ${name}=${redactText(value)}`);
  return exitCodes.failure;
}

function place(database: DatabaseConfig): unknown {
  if (database.type === 'sqlite') return [database.path];
  const { type, host, port, user, password, name, socketPath, tls, caPath } = database;
  return [type, host, port, user, password, name, socketPath, tls, caPath];
}

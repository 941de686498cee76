import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { ConsoleAnswer, ConsoleResult } from '#shared/database-console.ts';
import { AppError } from '#shared/errors.ts';
import { isReading, isSecret, kindOf } from '#shared/statement-kind.ts';
import type { Call } from '../../core/call.ts';
import type { Machine } from '../../core/machine.ts';
import { serverAway, serverDenied } from '../engines/engine.ts';
import { getReady, type DatabaseRecord } from '../records.ts';
import { connect, openOwner, whyAway } from '../wire/connect.ts';
import { ServerError } from '../wire/link.ts';
import type { Wire } from '../wire/query.ts';
import { forget, readHistory, remember } from './history.ts';
import { letRead, makeReader, readerOf, readerPassword } from './reader.ts';

/*
 * The SQL console. Every statement has a connection of its own as an account of the database, never as the superuser. What
 * only reads is fenced four times: by an account without any right to write, by a transaction that reads and is taken back,
 * by one statement a session, so that nothing comes before or after it, and by its first word.
 */

type Mode = 'read' | 'write';
type Asked = ActionParams<AgentActions['databases.query']>;

/** Each may hold an answer of several megabytes. */
const mostAtOnce = 4;
let running = 0;

/** Throws `console_busy`, `database_account_mighty` and `database_server_*`; what the server says of a statement is a result. */
export async function runStatement(
  machine: Machine,
  asked: Asked,
  call: Call,
  mode: Mode,
): Promise<ActionResult<AgentActions['databases.query']>> {
  const record = getReady(machine, asked.databaseId);
  const kind = kindOf(record.engine, asked.statement);
  const begunAt = performance.now();
  const answer = (results: ConsoleResult[]): ConsoleAnswer => ({
    kind,
    results,
    durationMs: Math.round(performance.now() - begunAt),
  });
  if (mode === 'read' && !isReading(record.engine, kind))
    return answer([{ outcome: 'failed', code: '', message: '', position: null, why: 'reading' }]);
  if (running >= mostAtOnce)
    throw new AppError('busy', 'Too many statements are being run.', { reason: 'console_busy' });
  running += 1;
  try {
    const results = await withinLimits(machine, record, asked, call, mode);
    if (!isSecret(asked.statement))
      await remember(
        machine,
        { databaseId: record.databaseId, personId: call.actor.id },
        {
          statement: asked.statement,
          mode,
          at: new Date(machine.now()).toISOString(),
          hasFailed: results.some(({ outcome }) => outcome !== 'rows' && outcome !== 'done'),
        },
      );
    return answer(results);
  } finally {
    running -= 1;
  }
}

/** What is given to the server to end by itself; after that we end it. */
const graceMs = 700;

async function withinLimits(
  machine: Machine,
  record: DatabaseRecord,
  asked: Asked,
  call: Call,
  mode: Mode,
): Promise<ConsoleResult[]> {
  const { maxRows, timeoutSeconds, statement } = asked;
  let why: 'time' | 'cancelled' | undefined;
  const stopper = new AbortController();
  const end = (reason: typeof why): void => {
    why ??= reason;
    stopper.abort();
  };
  const onGone = (): void => end('cancelled');
  call.signal?.addEventListener('abort', onGone, { once: true });
  let wire = await openAs(machine, record, asked, mode);
  const timer = setTimeout(() => end('time'), timeoutSeconds * 1_000 + graceMs);
  try {
    if (call.signal?.aborted === true) end('cancelled');
    const limits = { maxRows, signal: stopper.signal };
    let results = await wire.query(statement, limits);
    if (mode === 'read' && record.engine === 'postgresql' && isDenied(results)) {
      // A table that was made after we looked last; nothing has been changed, so it can be asked again.
      wire.close();
      await letRead(machine, record);
      wire = await openAs(machine, record, asked, mode);
      results = await wire.query(statement, limits);
    }
    return results.map((result) => explained(record, asked, mode, result));
  } catch (error) {
    if (why === undefined) throw awayOr(error);
    await wire.stop();
    return [{ outcome: 'stopped', why }];
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', onGone);
    wire.close();
  }
}

const isDenied = (results: readonly ConsoleResult[]): boolean =>
  results.some((result) => result.outcome === 'failed' && result.code === '42501');

const timeCodes = new Set(['1969', '57014']);
/** Rights that are missing, and changes in a transaction that reads. */
const readingCodes = new Set(['1044', '1045', '1142', '1143', '1227', '1290', '1370', '1792', '25006', '42501']);

function explained({ engine }: DatabaseRecord, { statement }: Asked, mode: Mode, result: ConsoleResult): ConsoleResult {
  if (result.outcome !== 'failed' || result.why === 'copy') return result;
  const { code, message } = result;
  if (timeCodes.has(code)) return { outcome: 'stopped', why: 'time' };
  const isSeveral =
    engine === 'postgresql'
      ? code === '42601' && /multiple commands/i.test(message)
      : code === '1064' && /;\s*\S/.test(statement);
  if (isSeveral) return { ...result, why: 'several' };
  return mode === 'read' && readingCodes.has(code) ? { ...result, why: 'reading' } : result;
}

/** A session that is ready for the one statement it is opened for. */
async function openAs(machine: Machine, record: DatabaseRecord, asked: Asked, mode: Mode): Promise<Wire> {
  const wire = await (mode === 'read' ? openReader(machine, record) : openOwner(machine, record));
  try {
    if (mode === 'write') await refuseMighty(record, wire);
    for (const each of settingsOf(record, asked, mode)) await wire.prepare(each);
    return wire;
  } catch (error) {
    wire.close();
    throw error instanceof ServerError ? serverDenied(error) : error;
  }
}

function settingsOf({ engine }: DatabaseRecord, { maxRows, timeoutSeconds }: Asked, mode: Mode): string[] {
  if (engine === 'mariadb')
    return [
      `set session max_statement_time = ${timeoutSeconds}, sql_select_limit = ${maxRows + 1}`,
      ...(mode === 'read' ? ['start transaction read only'] : []),
    ];
  return [
    `set statement_timeout = ${timeoutSeconds * 1_000}`,
    // With a first query in it the transaction can never again be made one that writes.
    ...(mode === 'read' ? ['begin isolation level repeatable read read only; select 1'] : []),
  ];
}

/** Readers that were made anew, with exactly their rights, since this process began. */
const known = new Set<string>();

async function openReader(machine: Machine, record: DatabaseRecord): Promise<Wire> {
  const key = JSON.stringify([machine.stateFolder, record.databaseId, record.name]);
  const password = await readerPassword(machine, record.databaseId);
  const make = (): Promise<void> =>
    machine.locks.hold(`console ${record.databaseId}`, machine.now() + 60_000, () => makeReader(machine, record));
  if (!known.has(key)) await make();
  known.add(key);
  const enter = (): Promise<Wire> => connect(machine, record, readerOf(record.databaseId), password);
  try {
    return await enter();
  } catch (error) {
    if (!(error instanceof ServerError)) throw await whyAway(machine, record, error);
  }
  await make();
  return await enter().catch(async (error: unknown) => {
    throw await whyAway(machine, record, error);
  });
}

const awayOr = (error: unknown): unknown => (error instanceof AppError ? error : serverAway(error));

/** Rights over the machine that somebody gave the account by hand would reach files and programs from the console. */
const mighty = {
  mariadb: `select count(*) from information_schema.user_privileges
    where privilege_type in ('FILE', 'SUPER', 'SHUTDOWN', 'CREATE USER')`,
  postgresql: `select count(*) from pg_catalog.pg_roles where rolname operator(pg_catalog.=) current_user
    and (rolsuper or pg_catalog.pg_has_role(oid, 'pg_execute_server_program', 'member')
      or pg_catalog.pg_has_role(oid, 'pg_read_server_files', 'member')
      or pg_catalog.pg_has_role(oid, 'pg_write_server_files', 'member'))`,
} as const;

async function refuseMighty({ engine, user }: DatabaseRecord, wire: Wire): Promise<void> {
  const [[count] = []] = await wire.rows(mighty[engine]);
  if (count !== '0')
    throw new AppError('not_allowed', 'This account has rights over the whole server.', {
      reason: 'database_account_mighty',
      params: { name: user },
    });
}

export async function showHistory(
  machine: Machine,
  { databaseId }: { readonly databaseId: string },
  { actor }: Call,
): Promise<ActionResult<AgentActions['databases.console']>> {
  getReady(machine, databaseId);
  return { items: await readHistory(machine, { databaseId, personId: actor.id }) };
}

export async function clearHistory(
  machine: Machine,
  { databaseId }: { readonly databaseId: string },
  { actor }: Call,
): Promise<Record<string, never>> {
  getReady(machine, databaseId);
  await forget(machine, { databaseId, personId: actor.id });
  return {};
}

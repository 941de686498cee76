import { AppError } from '#shared/errors.ts';
import { selfProcess } from '../../core/alive.ts';
import { append, closeFile } from '../../core/files.ts';
import { mariadbStructure } from '../browse/mariadb-structure.ts';
import type { Ask } from '../browse/page.ts';
import { postgresqlStructure } from '../browse/postgresql-structure.ts';
import { serverAway, serverDenied } from '../engines/engine.ts';
import { getReady, type DatabaseRecord } from '../records.ts';
import { failureOf, type Place } from '../run-work.ts';
import { isStopWanted, openRunLog, writeRun, type RunRecord, type Upkeep } from '../runs.ts';
import { unseal } from '../seal.ts';
import { loginOf } from '../wire/connect.ts';
import { ServerError } from '../wire/link.ts';
import { queryMariadb } from '../wire/mariadb-query.ts';
import { queryPostgresql } from '../wire/postgresql-query.ts';
import type { Wire } from '../wire/query.ts';
import { defaultCharsetSql, outcomeOf, settingsSql, statementOf, type Outcome } from './statements.ts';

/*
 * The process of an upkeep: table by table, each noted when it is through, so that whoever takes it up goes on behind it. A
 * table that cannot be done is said in the log and the next one follows.
 */

const stopped = new Error('stopped');

export type MaintenanceOptions = {
  /** For tests: instead of the minutes. */
  readonly seconds?: number;
};

export async function runMaintenance(place: Place, first: RunRecord, options: MaintenanceOptions = {}): Promise<void> {
  const { runId } = first;
  const log = openRunLog(place, runId);
  const say = (line: string): void => append(log, `${line}\n`);
  const stop = new AbortController();
  const watch = setInterval(() => {
    if (isStopWanted(place, runId)) stop.abort(stopped);
  }, 200);
  let run = await writeRun(place, { ...first, state: 'running', process: selfProcess() });
  try {
    const { upkeep } = run;
    if (upkeep === undefined) throw new TypeError('a run without tables');
    const record = getReady(place, run.databaseId);
    const done = [...upkeep.done];
    const isOfDatabase = upkeep.kind === 'convert_charset' && done.length === 0;
    if (isOfDatabase) {
      await withWire(place, record, (wire) => wire.prepare(defaultCharsetSql(record.name, upkeep)));
      say(`${record.name}: tables that are made later get ${upkeep.charset ?? 'utf8mb4'}`);
    }
    for (const table of upkeep.tables.slice(done.length)) {
      const begunAt = performance.now();
      const { outcome, said } = await maintain(place, record, { ...upkeep, ...options }, table, stop.signal);
      const seconds = ((performance.now() - begunAt) / 1_000).toFixed(1);
      say(`${table}: ${outcome} (${seconds} s)${said === '' ? '' : ` – ${said}`}`);
      done.push(outcome);
      run = await writeRun(place, { ...run, upkeep: { ...upkeep, done: [...done] } });
    }
    const failed = done.filter((outcome) => outcome !== 'done').length;
    if (failed > 0) throw partly(failed, done.length);
    await writeRun(place, { ...run, state: 'succeeded', endedAt: place.now() });
  } catch (error) {
    const isStopped = stop.signal.aborted;
    say(isStopped ? 'Stopped.' : error instanceof Error ? error.message : String(error));
    const failure = isStopped ? null : failureOf(error);
    await writeRun(place, { ...run, state: isStopped ? 'cancelled' : 'failed', failure, endedAt: place.now() });
  } finally {
    clearInterval(watch);
    closeFile(log);
  }
}

function partly(failed: number, tables: number): AppError {
  return new AppError('in_use', `${failed} of ${tables} tables are as they were.`, {
    reason: 'database_maintenance_partly',
    params: { failed, tables },
  });
}

async function withWire<T>(place: Place, record: DatabaseRecord, work: (wire: Wire) => Promise<T>): Promise<T> {
  const { engine, user } = record;
  const login = loginOf(place, record, user, await unseal(place, record.databaseId, record.password));
  let wire: Wire;
  try {
    wire = await (engine === 'mariadb' ? queryMariadb : queryPostgresql)(login);
  } catch (error) {
    throw error instanceof ServerError ? serverDenied(error) : serverAway(error);
  }
  try {
    return await work(wire);
  } finally {
    wire.close();
  }
}

/** A connection for each table: one that hangs, or that an administrator ends, is no end of the others. */
function maintain(
  place: Place,
  record: DatabaseRecord,
  upkeep: MaintenanceOptions & Upkeep,
  table: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { engine } = record;
  return withWire(place, record, async (wire) => {
    const onStop = (): void => void wire.stop();
    signal.addEventListener('abort', onStop, { once: true });
    try {
      signal.throwIfAborted();
      await wire.prepare(settingsSql(engine, upkeep.seconds ?? upkeep.minutes * 60));
      const ask: Ask = (sql) => wire.rows(sql);
      const { table: quotedName } = await (engine === 'mariadb' ? mariadbStructure : postgresqlStructure)(ask, table);
      return outcomeOf(await wire.rows(statementOf(engine, upkeep, quotedName)));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ServerError) return { outcome: 'failed', said: `${error.message} (${error.code})` };
      if (error instanceof AppError) return { outcome: 'failed', said: error.message };
      throw error;
    } finally {
      signal.removeEventListener('abort', onStop);
    }
  });
}

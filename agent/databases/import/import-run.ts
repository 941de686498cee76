import { AppError } from '#shared/errors.ts';
import { dumps } from '../../backups/dumps/dumps.ts';
import type { BackupWork } from '../../backups/work.ts';
import { selfProcess } from '../../core/alive.ts';
import { append, closeFile, errnoOf, removeOwnFolder } from '../../core/files.ts';
import { isGoingDown } from '../../core/going-down.ts';
import { endHelpers } from '../../files/workers.ts';
import { sitePlace } from '../../files/site-place.ts';
import { allRecords } from '../../sites/site-records.ts';
import { engineOf } from '../engines/engines.ts';
import { dropKept, getKept, keepDump, readDump } from '../kept.ts';
import { findRecord, writeRecord, type DatabaseRecord } from '../records.ts';
import { failureOf, interrupted, workOf, type Place } from '../run-work.ts';
import { isStopWanted, openRunLog, writeRun, type LoadFacts, type RunRecord } from '../runs.ts';
import { unseal } from '../seal.ts';
import { importFault } from './import-faults.ts';
import { loadStatements, sayLoaded } from './load.ts';
import { connectAs, untilStopped, watchRoom } from './server.ts';
import { openDumpFile, type DumpFile } from './source.ts';

/*
 * The process of one import, and of the way back from one. A copy of the database is made first. Then the text is sent to
 * the server as the database's own account: what the file asks for is done with that account's rights or refused.
 */

const stopped = new Error('stopped');
const shutDown = new Error('the machine goes down');
const progressMs = 1_000;

export type ImportOptions = {
  /** For tests: bytes that are free on a disk. */
  readonly freeBytes?: (path: string) => number;
};

export async function runImport(place: Place, first: RunRecord, options: ImportOptions = {}): Promise<void> {
  const { runId } = first;
  const log = openRunLog(place, runId);
  const say = (line: string): void => append(log, `${line}\n`);
  const stop = new AbortController();
  const work = workOf(place, runId, say, stop.signal);
  const watch = setInterval(() => {
    if (isStopWanted(place, runId)) stop.abort(stopped);
  }, 200);
  const onTerm = (): void => stop.abort(shutDown);
  process.on('SIGTERM', onTerm);
  let run = await writeRun(place, { ...first, state: 'running', process: selfProcess() });
  const note = async (news: Partial<LoadFacts>): Promise<void> => {
    if (run.load !== undefined) run = await writeRun(place, { ...run, load: { ...run.load, ...news } });
  };
  try {
    if (run.kind === 'bring_back') await bringBack(work, run);
    else await importInto(work, run, { note, options, stop });
    run = await writeRun(place, { ...run, state: 'succeeded', endedAt: place.now() });
  } catch (error) {
    // The next start finds it as it is: what was only copied begins anew, what was being loaded is given up.
    if (stop.signal.reason === shutDown || (await isGoingDown(place))) return;
    const isStopped = stop.signal.reason === stopped;
    say(isStopped ? 'Stopped.' : error instanceof Error ? error.message : String(error));
    await writeRun(place, {
      ...run,
      state: isStopped ? 'cancelled' : 'failed',
      failure: isStopped ? null : failureOf(fullDisk(error)),
      endedAt: place.now(),
    });
  } finally {
    clearInterval(watch);
    process.off('SIGTERM', onTerm);
    removeOwnFolder(work.scratch);
    closeFile(log);
    await endHelpers(work);
  }
}

function fullDisk(error: unknown): unknown {
  return errnoOf(error) === 'ENOSPC'
    ? new AppError('internal', 'There is no room left on the disk.', { reason: 'disk_full', cause: error })
    : error;
}

type Under = {
  readonly note: (news: Partial<LoadFacts>) => Promise<void>;
  readonly options: ImportOptions;
  readonly stop: AbortController;
};

async function importInto(work: BackupWork, run: RunRecord, under: Under): Promise<void> {
  const record = findRecord(work, run.databaseId);
  const { load } = run;
  // It was through when it was cut off.
  if (load?.phase === 'done' && record?.runId !== run.runId) return;
  if (record?.state !== 'importing' || record.runId !== run.runId || load === undefined) throw interrupted();
  try {
    if (load.phase !== 'copy') throw importFault.cutOff();
    const file = await openFile(work, load);
    try {
      await loadFile(work, record, file, under);
    } finally {
      file.close();
    }
    await under.note({ phase: 'done', doneBytes: file.sizeBytes, sizeBytes: file.sizeBytes });
  } finally {
    // One that goes on after the machine was down still has it.
    if (work.signal.reason !== shutDown) await writeRecord(work, { ...record, state: 'ready', runId: null });
  }
}

async function openFile(work: BackupWork, { siteId, path }: LoadFacts): Promise<DumpFile> {
  const site = [...allRecords(work).values()].find((each) => each.siteId === siteId);
  if (site === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  const { scratch, signal } = work;
  return await openDumpFile(work, sitePlace(work, site), path, { spool: scratch, signal });
}

async function loadFile(
  work: BackupWork,
  record: DatabaseRecord,
  file: DumpFile,
  { note, options, stop }: Under,
): Promise<void> {
  const server = engineOf(record);
  const { engine, name, user, databaseId } = record;
  const room = await watchRoom(work, engine, options.freeBytes);
  const before = await server.content(work, name, user);
  // The copy is packed and the tables are not: together they need no more than this, unless the file is packed too.
  room.check(before.sizeBytes + file.sizeBytes);
  work.log(`${name}: ${before.tables.length} tables, ${before.sizeBytes} bytes; a copy is made first.`);
  const { keptBytes } = await keepDump(work, record, 'copies');
  work.log(`The copy has ${keptBytes} bytes.`);
  work.signal.throwIfAborted();
  await note({ phase: 'load', sizeBytes: file.sizeBytes });
  const password = await unseal(work, databaseId, record.password);
  const link = await connectAs(work, record, password);
  work.log(`Loading ${file.sizeBytes} bytes as ${user}.`);
  let told = Date.now();
  const timer = setInterval(() => {
    try {
      room.check(0);
    } catch (error) {
      stop.abort(error);
    }
    if (Date.now() - told < progressMs) return;
    told = Date.now();
    void note({ doneBytes: file.doneBytes() });
  }, 250);
  try {
    sayLoaded(
      (line) => work.log(line),
      user,
      await untilStopped(work, link, record, () => loadStatements(link, engine, file.text, work.signal)),
    );
  } finally {
    clearInterval(timer);
    link.close();
  }
  // What the file may have said of the database itself, and of the account, does not count.
  await server.adopt(work, record, password);
}

/** Loaded beside, checked and swapped in by the engine of the backups. */
async function bringBack(work: BackupWork, run: RunRecord): Promise<void> {
  const record = findRecord(work, run.databaseId);
  if (record?.state === 'ready' && record.runId === null) return;
  if (record?.state !== 'importing' || record.runId !== run.runId || run.removalId === null) throw interrupted();
  try {
    const kept = getKept(work, run.removalId, 'copies');
    if (kept.record.databaseId !== record.databaseId) throw interrupted();
    await dumps.recover(work);
    const source = { kind: 'database', engine: record.engine, database: record.name } as const;
    await dumps.restore(work, { ...kept.part, source }, readDump(work, run.removalId, 'copies'), { kind: 'in_place' });
    await engineOf(record).adopt(work, record, await unseal(work, record.databaseId, record.password));
    work.log(`${record.name}: ${kept.part.tables.length} tables are as they were before the import.`);
  } finally {
    if (work.signal.reason !== shutDown) await writeRecord(work, { ...record, state: 'ready', runId: null });
  }
  dropKept(work, run.removalId, 'copies');
}

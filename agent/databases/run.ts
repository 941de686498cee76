import { selfProcess } from '../core/alive.ts';
import { append, closeFile, removeOwnFolder } from '../core/files.ts';
import { launcherOf, type AgentSettings } from '../core/machine.ts';
import { dumps } from '../backups/dumps/dumps.ts';
import type { BackupWork } from '../backups/work.ts';
import { dropKept, findKept, getKept, keepDump, readDump } from './kept.ts';
import { findRecord, removeRecord, writeRecord, type DatabaseRecord } from './records.ts';
import { findRun, openRunLog, writeRun, type RunRecord } from './runs.ts';
import { engineOf } from './engines/engines.ts';
import { forgetDatabase } from './console/history.ts';
import { dropReader } from './console/reader.ts';
import { failureOf, interrupted, workOf } from './run-work.ts';
import { unseal } from './seal.ts';

/*
 * The process of one run. Each of its steps can be done twice: whoever takes it up after a crash begins at the beginning
 * and finds what is done already.
 */

/** `main.ts --database-run RUN_ID`. */
export async function runDatabase(settings: AgentSettings, [runId = '']: readonly string[]): Promise<void> {
  const place = launcherOf(settings);
  const first = findRun(place, runId);
  // Started too late, or twice: somebody else has it.
  if (first?.state !== 'starting') return;
  if (first.kind === 'import' || first.kind === 'bring_back')
    return await (await import('./import/import-run.ts')).runImport(place, first);
  if (first.kind === 'maintain')
    return await (await import('./maintenance/maintain-run.ts')).runMaintenance(place, first);
  if (first.kind === 'rename') return await (await import('./rename/rename-run.ts')).runRename(place, first);
  const log = openRunLog(place, runId);
  const say = (line: string): void => append(log, `${line}\n`);
  const run = await writeRun(place, { ...first, state: 'running', process: selfProcess() });
  const work = workOf(place, runId, say);
  try {
    await (run.kind === 'remove' ? remove(work, run) : restore(work, run));
    await writeRun(place, { ...run, state: 'succeeded', endedAt: place.now() });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    // Neither done nor taken back, because the server is away: it counts as cut off, and is taken up again.
    const isOpen = findRecord(place, run.databaseId)?.runId === runId;
    if (!isOpen) await writeRun(place, { ...run, state: 'failed', failure: failureOf(error), endedAt: place.now() });
  } finally {
    removeOwnFolder(work.scratch);
    closeFile(log);
  }
}

/**
 * First nobody comes in any more, then the dump, then both go. Until the dump is whole everything can be taken back; from
 * then on the only way is forward.
 */
async function remove(work: BackupWork, run: RunRecord): Promise<void> {
  const record = findRecord(work, run.databaseId);
  if (record === undefined && findKept(work, run.runId) !== undefined) return;
  if (record?.state !== 'removing' || record.runId !== run.runId) throw interrupted();
  const { name, user } = record;
  const server = engineOf(record);
  const isThere = await server.hasDatabase(work, name);
  if (findKept(work, run.runId) === undefined && isThere) await keepOrGoBack(work, record);
  await server.dropDatabase(work, name);
  await dropReader(work, record);
  forgetDatabase(work, record.databaseId);
  work.log(`${name}: the database was deleted`);
  if (await server.hasOtherRights(work, user, name)) {
    await server.takeRights(work, user, name);
    await server.unlockUser(work, user);
    work.log(`${user}: the user has other rights and stays`);
  } else {
    await server.dropUser(work, user);
    work.log(`${user}: the user was deleted`);
  }
  await removeRecord(work, record.databaseId);
}

async function keepOrGoBack(work: BackupWork, record: DatabaseRecord): Promise<void> {
  try {
    await engineOf(record).lockUser(work, record.user);
    work.log(`${record.user}: nobody comes in with it any more`);
    const { part, keptBytes } = await keepDump(work, { ...record, state: 'ready', runId: null });
    work.log(`${record.name}: ${part.tables.length} tables were dumped, ${keptBytes} bytes are kept`);
  } catch (error) {
    dropKept(work, work.runId);
    await engineOf(record).unlockUser(work, record.user);
    await writeRecord(work, { ...record, state: 'ready', runId: null });
    throw error;
  }
}

/** Loaded beside, checked and swapped in by the engine of the backups; then the user comes back with its password. */
async function restore(work: BackupWork, run: RunRecord): Promise<void> {
  const record = findRecord(work, run.databaseId);
  if (record?.state === 'ready' && record.runId === null) return;
  if (record?.state !== 'restoring' || record.runId !== run.runId || run.removalId === null) throw interrupted();
  const { databaseId, name, user } = record;
  const kept = getKept(work, run.removalId);
  const password = await unseal(work, databaseId, record.password);
  const server = engineOf(record);
  try {
    // Nothing of this name was there when the run was noted: what is there now is what it has loaded.
    await dumps.recover(work);
    await server.makeUser(work, record, password);
    if (!(await server.hasDatabase(work, name)))
      await dumps.restore(work, kept.part, readDump(work, run.removalId), { kind: 'in_place' });
    work.log(`${name}: ${kept.part.tables.length} tables are back`);
    await server.adopt(work, record, password);
    await server.tryUser(work, record, password);
  } catch (error) {
    await takeRestoreBack(work, record, password);
    throw error;
  }
  await writeRecord(work, { ...record, state: 'ready', runId: null });
  dropKept(work, run.removalId);
  work.log(`${user}: the user is back with its password`);
}

async function takeRestoreBack(work: BackupWork, record: DatabaseRecord, password: string): Promise<void> {
  const server = engineOf(record);
  await server.dropDatabase(work, record.name);
  if (await server.isPassword(work, record.user, password)) await server.dropUser(work, record.user);
  await removeRecord(work, record.databaseId);
}

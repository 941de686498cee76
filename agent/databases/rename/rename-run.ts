import { superuserOf } from '../../backups/dumps/place.ts';
import { codeNaming, endMove, keepForMove, moveMariadb, type MariadbMove } from '../../backups/dumps/mariadb-rename.ts';
import { renameInPlans } from '../../backups/plans.ts';
import type { BackupWork } from '../../backups/work.ts';
import { backupsFolder } from '../../backups/work-of.ts';
import { selfProcess } from '../../core/alive.ts';
import { append, closeFile, removeOwnFolder } from '../../core/files.ts';
import { markOf } from '../engines/engine.ts';
import { engineOf } from '../engines/engines.ts';
import { markDatabase } from '../engines/mariadb-statements.ts';
import { renamePostgresql } from '../engines/postgresql-changes.ts';
import { findRecord, renamesFolder, writeRecord, type DatabaseRecord } from '../records.ts';
import { failureOf, interrupted, workOf, type Place } from '../run-work.ts';
import { openRunLog, writeRun, type RenameFacts, type RunRecord } from '../runs.ts';
import { unseal } from '../seal.ts';

/*
 * The process of a rename. Nobody comes in meanwhile. Killed at any point it is taken up again and ends the same; what
 * cannot be done is taken back, and the database has its old name.
 */

type Under = {
  readonly record: DatabaseRecord;
  readonly rename: RenameFacts;
  readonly note: (news: Partial<RenameFacts>) => Promise<void>;
};

export async function runRename(place: Place, first: RunRecord): Promise<void> {
  const { runId } = first;
  const log = openRunLog(place, runId);
  const say = (line: string): void => append(log, `${line}\n`);
  let run = await writeRun(place, { ...first, state: 'running', process: selfProcess() });
  const work = workOf(place, runId, say);
  const note = async (news: Partial<RenameFacts>): Promise<void> => {
    if (run.rename !== undefined) run = await writeRun(place, { ...run, rename: { ...run.rename, ...news } });
  };
  try {
    const { rename } = run;
    const record = findRecord(place, run.databaseId);
    if (rename === undefined) throw new TypeError('a run without a name');
    const isMine = record?.state === 'renaming' && record.runId === runId;
    // It was through when it was cut off, or all had its old name again.
    if (!isMine && record?.name !== rename.to && run.failure === null) throw interrupted();
    if (isMine) {
      try {
        if (!rename.isBack) await forward(work, { record, rename, note });
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
        run = await writeRun(place, { ...run, failure: failureOf(error) });
        await note({ isBack: true });
      }
      if (run.rename?.isBack === true) await back(work, { record, rename: run.rename, note });
    }
    await writeRun(place, { ...run, state: run.failure === null ? 'succeeded' : 'failed', endedAt: place.now() });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    // Neither done nor taken back, because the server is away: it counts as cut off, and is taken up again.
    if (findRecord(place, run.databaseId)?.runId !== runId)
      await writeRun(place, { ...run, state: 'failed', failure: failureOf(error), endedAt: place.now() });
  } finally {
    removeOwnFolder(work.scratch);
    closeFile(log);
  }
}

async function forward(work: BackupWork, { record, rename, note }: Under): Promise<void> {
  const { databaseId, engine, user, formerNames } = record;
  const { from, to } = rename;
  const renamed = { ...record, name: to };
  const server = engineOf(record);
  const password = await unseal(work, databaseId, record.password);
  await server.lockUser(work, user);
  work.log(`${user}: nobody comes in with it any more`);
  if (engine === 'mariadb') {
    await moveForward(work, { record, rename, note });
    await server.adopt(work, renamed, password);
  }
  // With PostgreSQL owner and rights come along.
  else await renamePostgresql(work, { from, to, mark: markOf(databaseId) });
  await server.unlockUser(work, user);
  await server.tryUser(work, renamed, password);
  await renameInPlans(backupsFolder(work.stateFolder), engine, from, to);
  await writeRecord(work, {
    ...renamed,
    state: 'ready',
    runId: null,
    formerNames: [...new Set([...formerNames.filter((each) => each !== to), from])],
  });
  if (engine === 'mariadb') endMove(moveOf(work, record, rename));
  work.log(`${from} is called ${to} now`);
}

const mariadbPlace = (work: BackupWork) =>
  ({ engine: 'mariadb', database: '', address: superuserOf(work, 'mariadb') }) as const;

const moveOf = (
  work: BackupWork,
  { databaseId }: DatabaseRecord,
  { from, to }: Pick<RenameFacts, 'from' | 'to'>,
): MariadbMove => ({ from, to, mark: markOf(databaseId), folder: `${renamesFolder(work)}/${work.runId}` });

async function moveForward(work: BackupWork, { record, rename, note }: Under): Promise<void> {
  const place = mariadbPlace(work);
  const move = moveOf(work, record, rename);
  let { counts } = rename;
  if (counts === null) {
    await markDatabase(work, rename.from, record.databaseId);
    counts = await keepForMove(work, place, move);
    await note({ counts });
  }
  await moveMariadb(work, place, move, counts);
  for (const each of await codeNaming(work, place, rename.from))
    work.log(`${each} names the database by its old name: it has to be changed by hand`);
}

/** Throws when the server is away: then it is tried again. */
async function back(work: BackupWork, { record, rename }: Under): Promise<void> {
  const { engine, user, databaseId } = record;
  const { from, to, counts } = rename;
  const server = engineOf(record);
  const move = moveOf(work, record, { from: to, to: from });
  if (engine === 'postgresql') await renamePostgresql(work, { from: to, to: from, mark: markOf(databaseId) });
  // Without counts nothing had been changed.
  else if (counts !== null) {
    await moveMariadb(work, mariadbPlace(work), move, counts);
    await server.adopt(work, record, await unseal(work, databaseId, record.password));
  }
  await server.unlockUser(work, user);
  await renameInPlans(backupsFolder(work.stateFolder), engine, to, from);
  await writeRecord(work, { ...record, state: 'ready', runId: null });
  if (engine === 'mariadb') endMove(move);
  work.log(`${from}: all is as it was before`);
}

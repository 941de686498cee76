import { AppError } from '#shared/errors.ts';
import { selfProcess } from '../core/alive.ts';
import { append, closeFile, look, removeFile } from '../core/files.ts';
import { isGoingDown } from '../core/going-down.ts';
import { launcherOf, type AgentSettings } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { nameFault } from '../core/transaction.ts';
import { dressTree, walkTree } from '../core/trees.ts';
import { deployOwner } from '../deployments/deploy-owner.ts';
import { dropReservation } from '../unix-users/reservations.ts';
import { copiesFolder, isLeftBehind } from './copy-paths.ts';
import { copyPath, findCopy, isCancelWanted, openCopyLog, writeCopy, type CopyRecord } from './copy-records.ts';
import { listFiles, shownPath, type Counted } from './list-files.ts';
import { checkRoom, dressStaged, makeStaged, placeForStaged, removeStaged } from './staged.ts';
import { transferFiles } from './transfer.ts';

/** Why everything under way was ended. */
const cancelled = new Error('cancelled');
const shutDown = new Error('the machine goes down');
const progressMs = 500;
const mostTold = 50;

export type CopyOptions = {
  /** For tests: called at every named point. */
  readonly checkpoint?: (point: string) => void | Promise<void>;
};

/** Copies the files of one site: `main.ts --site-copy ID`, as a process of its own. */
export async function runCopy(
  settings: AgentSettings,
  [copyId = '']: readonly string[],
  options: CopyOptions = {},
): Promise<void> {
  const where = launcherOf(settings);
  const first = findCopy(where, copyId);
  if (first?.state !== 'starting') return;
  let record: CopyRecord = { ...first, state: 'running', process: selfProcess() };
  const write = async (more: Partial<CopyRecord>): Promise<void> => {
    record = await writeCopy(where, { ...record, ...more });
  };
  const logFd = openCopyLog(where, copyId);
  const say = (line: string): void => append(logFd, `${line}\n`);
  const listPath = copyPath(where, copyId, 'list');
  const stop = new AbortController();
  const watch = setInterval(() => {
    if (isCancelWanted(where, copyId)) stop.abort(cancelled);
  }, 150);
  const onTerm = (): void => stop.abort(shutDown);
  process.on('SIGTERM', onTerm);
  // Modes are as they were: what the mask takes away is nobody's wish.
  const maskBefore = process.umask(0);
  try {
    await write({});
    // What an attempt before this one left.
    await removeStaged(where, copyId);
    const writer = deployOwner(where, record.linuxUser).folder;
    const staged =
      record.uploadId === undefined ? makeStaged(where, copyId, writer) : await unpackInto(writer, record.uploadId);
    if (record.uploadId === undefined) await copyInto(staged);
    checkCopied(staged);
    if (record.uploadId !== undefined) await bringDatabases(record.uploadId);
    const sync = findProgram('sync');
    if (sync !== undefined) await run(sync, ['--file-system', staged], { timeoutMs: 10 * 60_000 });
    stop.signal.throwIfAborted();
    await options.checkpoint?.('synced');
    await write({ state: 'copied', progress: 100, process: null, endedAt: Date.now() });
  } catch (error) {
    // The next start finds the record as it is and takes the copy up again.
    if (stop.signal.reason === shutDown || (await isGoingDown(where))) return;
    const isCancelled = stop.signal.reason === cancelled;
    say(isCancelled ? 'Cancelled; nothing was kept.' : `Failed: ${wordsOf(error)}`);
    await removeStaged(where, copyId).catch((fault: unknown) => say(`Not everything was removed: ${wordsOf(fault)}`));
    await dropDatabases().catch((fault: unknown) => say(`A database could not be removed yet: ${wordsOf(fault)}`));
    dropReservation(where, record.linuxUser, copyId);
    const failure = isCancelled ? null : failureOf(nameFault(error));
    await write({ state: isCancelled ? 'cancelled' : 'failed', failure, process: null, endedAt: Date.now() });
  } finally {
    clearInterval(watch);
    process.off('SIGTERM', onTerm);
    process.umask(maskBefore);
    removeFile(listPath);
    closeFile(logFd);
  }

  /** The files of a site that was sent as one file; nothing but what is in it comes out, and it belongs to the new site. */
  async function unpackInto(writer: Parameters<typeof dressStaged>[1], uploadId: string): Promise<string> {
    const staged = placeForStaged(where, copyId);
    const { unpackSiteFile } = await import('../site-files/incoming.ts');
    const beside = where.prefix + copiesFolder;
    await unpackSiteFile(where, uploadId, { into: staged, beside, signal: stop.signal, say });
    await options.checkpoint?.('transferred');
    await dressTree(staged, writer);
    dressStaged(staged, writer);
    return staged;
  }

  async function bringDatabases(uploadId: string): Promise<void> {
    if ((record.databases ?? []).length === 0) return;
    const { loadDatabases } = await import('../site-files/load-databases.ts');
    await loadDatabases(where, record, {
      uploadId,
      stop,
      say,
      async onMade(made) {
        const others = (record.databases ?? []).map((each) => (each.databaseId === made.databaseId ? made : each));
        await write({ databases: others });
        await options.checkpoint?.('database made');
      },
    });
    await options.checkpoint?.('databases loaded');
  }

  async function dropDatabases(): Promise<void> {
    if ((record.databases ?? []).length === 0) return;
    const { takeDatabasesBack } = await import('../site-files/file-databases.ts');
    await takeDatabasesBack(where, record);
  }

  async function copyInto(staged: string): Promise<void> {
    const counted = await listFiles({
      from: where.prefix + record.from,
      listPath,
      say,
      signal: stop.signal,
      isLeftOut: (path) => record.leaves.includes(path) || isLeftBehind(path, record.release?.id ?? null),
    });
    checkRoom(where, counted.bytes);
    say(`${counted.files} files, ${counted.bytes} bytes.`);
    await options.checkpoint?.('listed');
    if (counted.files > 0) await transfer(staged, counted);
    await options.checkpoint?.('transferred');
  }

  async function transfer(staged: string, counted: Counted): Promise<void> {
    let done = 0;
    let told = 0;
    // Headers of a stream are a little more than the files themselves.
    const all = counted.bytes + counted.files * 1_024 + 1;
    const { leftOut } = await transferFiles({
      where,
      reader: record.reader ?? deployOwner(where, record.source?.linuxUser ?? '').identity,
      writer: deployOwner(where, record.linuxUser).folder,
      from: where.prefix + record.from,
      into: staged,
      listPath,
      signal: stop.signal,
      onBytes(count) {
        done += count;
        if (Date.now() - told < progressMs) return;
        told = Date.now();
        void write({ progress: Math.min(99, Math.floor((done / all) * 100)) });
      },
      onLeftOut: (line) => say(`Not as it is now, or left out: ${line}`),
    });
    if (leftOut > mostTold) say(`${leftOut - mostTold} more.`);
  }

  /** What the site will be is what was meant: no special file, and the release that is served. */
  function checkCopied(staged: string): void {
    for (const { type, path } of walkTree(staged))
      if (type === 'special' || type === 'other_file_system') throw changing(shownPath(path));
    if (record.release === null) return;
    const found = look(`${staged}/current`);
    const isWhole =
      found.type === 'link' &&
      found.target === `releases/${record.release.id}` &&
      look(`${staged}/releases/${record.release.id}`).type === 'folder';
    if (!isWhole) throw changing('current');
  }
}

function changing(path: string): AppError {
  return new AppError('busy', 'The site kept changing while it was copied.', {
    reason: 'copy_source_changing',
    params: { path },
  });
}

function failureOf(error: unknown): NonNullable<CopyRecord['failure']> {
  if (!(error instanceof AppError)) return { reason: 'copy_failed', params: { message: '' } };
  const params = Object.entries(error.params).filter(
    (each): each is [string, string | number] => typeof each[1] === 'string' || typeof each[1] === 'number',
  );
  return { reason: error.reason ?? 'copy_failed', params: Object.fromEntries(params) };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

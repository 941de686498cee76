import { createReadStream, statfsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { extractArchive } from '../archives/extract-archive.ts';
import type { ExtractReport } from '../archives/extract.ts';
import { checkLinkTarget } from '../archives/names.ts';
import { foreignLimits, type ExtractLimits } from '../archives/limits.ts';
import { selfProcess } from '../core/alive.ts';
import { askOrDo } from '../core/ask-or-do.ts';
import { append, closeFile, listNames, look, makeFolder, openFile, removeOwnFolder } from '../core/files.ts';
import { isGoingDown } from '../core/going-down.ts';
import { dressTree, eachLink } from '../core/trees.ts';
import { launcherOf, type AgentSettings } from '../core/machine.ts';
import { nameFault } from '../core/transaction.ts';
import { deployOwner } from '../deployments/deploy-owner.ts';
import { allRecords, selfOwner } from '../sites/site-records.ts';
import { recycleBin } from '../sites/discards.ts';
import { settleUnpacking } from './unpacking.ts';
import {
  failureOf,
  findUnpacking,
  forgetOldUnpackings,
  isCancelWanted,
  openUnpackingLog,
  stagePath,
  writeUnpacking,
  type UnpackingRecord,
} from './unpacking-records.ts';
import { prepareWordpress } from './wordpress.ts';
import { dataPath, dropUpload, getWholeUpload } from './uploads.ts';

/** Why everything under way was ended. */
const cancelled = new Error('cancelled');
const shutDown = new Error('the machine goes down');

export type UnpackingOptions = {
  readonly limits?: Partial<ExtractLimits>;
  /** Makes the agent move what was unpacked into the site; by its socket unless said otherwise. */
  readonly settle?: (params: { site: { siteId: string; slug: string }; unpackingId: string }) => Promise<void>;
  /** For tests: called at every named point. */
  readonly checkpoint?: (point: string) => void | Promise<void>;
};

/** Left free on the disk of the sites, whatever an archive says of itself. */
const reservedBytes = 512 * 1024 * 1024;

/** One unpacking from the archive to the site: `main.ts --unpacking SITE_ID ID`, as a process of its own. */
export async function runUnpacking(
  settings: AgentSettings,
  [siteId = '', unpackingId = '']: readonly string[],
  options: UnpackingOptions = {},
): Promise<void> {
  const where = launcherOf(settings);
  const first = findUnpacking(where, siteId, unpackingId);
  if (first?.state !== 'starting') return;
  const settle = options.settle ?? ((params) => settleBySocket(settings, params));
  const stage = stagePath(where.prefix, first);
  const logFile = openUnpackingLog(where, siteId, unpackingId);
  const say = (line: string): void => append(logFile, `${line}\n`);
  const stop = new AbortController();
  let record: UnpackingRecord = { ...first, state: 'running', phase: 'read', process: selfProcess(), progress: 0 };
  const write = async (more: Partial<UnpackingRecord>): Promise<void> => {
    record = await writeUnpacking(where, { ...record, ...more });
  };
  const watch = setInterval(() => {
    if (isCancelWanted(where, siteId, unpackingId)) stop.abort(cancelled);
  }, 150);
  const onTerm = (): void => stop.abort(shutDown);
  process.on('SIGTERM', onTerm);
  try {
    await write({});
    const site = [...allRecords(where).values()].find((each) => each.siteId === siteId);
    if (site === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
    const upload = getWholeUpload(where, siteId, first.uploadId);
    prepare();
    await options.checkpoint?.('prepared');
    say(`Reading ${upload.fileName}: ${upload.sizeBytes} bytes.`);
    const report = await read(upload.sizeBytes);
    sayReport(report);
    await dressTree(`${stage}/new`, deployOwner(where, site.linuxUser).folder);
    const topFolder = first.choices.stripsTopFolder ? topFolderOf() : null;
    // What stays in the archive may lead out of its one folder, and out of the site when that is left out.
    if (topFolder !== null)
      await eachLink(`${stage}/new/${topFolder}`, (parts, target) => {
        checkLinkTarget(target, parts.slice(0, -1), parts.join('/'), true);
      });
    if (first.app !== undefined) {
      const folder = `${stage}/new${topFolder === null ? '' : `/${topFolder}`}`;
      const version = await prepareWordpress(where, folder, first.app, deployOwner(where, site.linuxUser).identity);
      say(`WordPress ${version}; wp-config.php knows its database and has new keys.`);
    }
    await options.checkpoint?.('unpacked');
    stop.signal.throwIfAborted();
    await write({
      state: 'ready',
      phase: 'place',
      progress: 100,
      files: report.files + report.hardlinks,
      bytes: report.bytes,
      topFolder,
    });
    clearInterval(watch);
    say('Moving it into the site.');
    await settle({ site: { siteId, slug: first.slug }, unpackingId });
    await options.checkpoint?.('placed');
    record = findUnpacking(where, siteId, unpackingId) ?? record;
    say(`In the site now: ${record.replaced} gave way to it, ${record.kept} were left as they are.`);
    dropUpload(where, siteId, first.uploadId);
    removeOwnFolder(record.replaced === 0 ? stage : `${stage}/new`);
    forgetOldUnpackings(where, siteId);
    await write({ state: 'succeeded', phase: 'tidy', process: null, endedAt: Date.now() });
  } catch (error) {
    // The next start finds the record as it is and takes the unpacking up again.
    if (stop.signal.reason === shutDown || (await isGoingDown(where))) return;
    record = findUnpacking(where, siteId, unpackingId) ?? record;
    await fail(error);
  } finally {
    clearInterval(watch);
    process.off('SIGTERM', onTerm);
    closeFile(logFile);
  }

  function prepare(): void {
    const looks = { mode: 0o700, ...selfOwner(where) };
    for (const folder of [`${where.prefix}/www`, `${where.prefix}${recycleBin}`])
      if (look(folder).type === 'missing')
        makeFolder(folder, folder.endsWith('/www') ? { ...looks, mode: 0o755 } : looks);
    if (look(stage).type !== 'missing') removeOwnFolder(stage);
    makeFolder(stage, looks);
    makeFolder(`${stage}/old`, looks);
  }

  async function read(sizeBytes: number): Promise<ExtractReport> {
    const { bavail, bsize } = statfsSync(stage);
    const room = bavail * bsize - reservedBytes;
    if (room < sizeBytes)
      throw new AppError('in_use', 'There is not enough room for the archive.', {
        reason: 'archive_no_room',
        params: { neededBytes: sizeBytes, freeBytes: bavail * bsize },
      });
    const file = openFile(dataPath(where, siteId, first?.uploadId ?? ''));
    if (file === undefined) throw new AppError('not_found', 'There is no such archive.', { reason: 'archive_unknown' });
    let done = 0;
    let shown = 0;
    const input = async function* (fd: number): AsyncGenerator<Buffer> {
      const stream = createReadStream('', { fd, autoClose: false, highWaterMark: 256 * 1024 });
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        yield chunk;
        done += chunk.length;
        const progress = Math.floor((done / sizeBytes) * 100);
        if (progress >= shown + 5) {
          shown = progress;
          await write({ progress });
        }
      }
    };
    try {
      return await extractArchive({
        input: input(file.fd),
        into: `${stage}/new`,
        mode: 'foreign',
        limits: { ...foreignLimits, totalBytes: Math.min(foreignLimits.totalBytes, room), ...options.limits },
        machine: where,
        signal: stop.signal,
      });
    } finally {
      closeFile(file.fd);
    }
  }

  function sayReport({ files, folders, bytes, changes }: ExtractReport): void {
    say(`Unpacked: ${files} files in ${folders} folders, ${bytes} bytes.`);
    for (const [kind, { count, names }] of Object.entries(changes))
      if (count > 0 && kind !== 'owner-ignored') say(`${kind}: ${count} (${names.slice(0, 5).join(', ')})`);
  }

  function topFolderOf(): string | null {
    const [only, ...others] = listNames(`${stage}/new`);
    return only !== undefined && others.length === 0 && look(`${stage}/new/${only}`).type === 'folder' ? only : null;
  }

  async function fail(error: unknown): Promise<void> {
    const isCancelled = stop.signal.reason === cancelled;
    const isPlaced = record.state === 'placed';
    say(isCancelled ? 'Cancelled; the site is as it was.' : `Failed: ${wordsOf(error)}`);
    try {
      if (!isPlaced && look(stage).type !== 'missing') removeOwnFolder(stage);
    } catch (fault) {
      say(`What was unpacked could not be removed: ${wordsOf(fault)}`);
    }
    const ended = { process: null, endedAt: Date.now() };
    // What failed after it was in the site was only the tidying.
    if (isPlaced) return await write({ ...ended, state: 'succeeded', phase: 'tidy' });
    await write({
      ...ended,
      state: isCancelled ? 'cancelled' : 'failed',
      failure: isCancelled ? null : (record.failure ?? failureOf(nameFault(error))),
    });
  }
}

async function settleBySocket(
  settings: AgentSettings,
  params: { site: { siteId: string; slug: string }; unpackingId: string },
): Promise<void> {
  await askOrDo(settings, 'archives.settle', params, (machine) =>
    settleUnpacking(machine, params, {
      actor: { id: 'agent', name: 'agent' },
      requestId: 'unpacking',
      deadlineAt: Date.now() + 90_000,
      isElevated: false,
      may: () => true,
    }),
  );
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

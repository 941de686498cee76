import { createHash } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { secretIdsOf } from '#shared/site-app.ts';
import { foreignLimits } from '../archives/limits.ts';
import { newId } from '../backups/keys.ts';
import { fileHeader, paddingOf, tarEnd } from '../backups/restore/tar-headers.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { listFiles } from '../copies/list-files.ts';
import { selfProcess } from '../core/alive.ts';
import { filePieces } from '../core/file-pieces.ts';
import {
  append,
  closeFile,
  errnoOf,
  movePath,
  openFile,
  openLog,
  removeFile,
  sync,
  Unsynced,
  writeAt,
} from '../core/files.ts';
import { isGoingDown } from '../core/going-down.ts';
import { launcherOf, type AgentSettings } from '../core/machine.ts';
import { nameFault } from '../core/transaction.ts';
import { agentVersion } from '../core/version.ts';
import { deployOwner } from '../deployments/deploy-owner.ts';
import {
  dumpEnds,
  exportPath,
  findExport,
  isCancelWanted,
  openExportLog,
  writeExport,
  type ExportRecord,
} from './export-records.ts';
import { createFaultOf, diskFull, mostPackedBytes, packFiles, tooLarge, type Packed } from './pack-files.ts';
import { sealed } from './sealing.ts';
import {
  certificateName,
  contentName,
  dumpName,
  manifestName,
  secretsName,
  signManifest,
  type PackedDatabase,
  type SiteManifest,
} from './site-file.ts';

/** Why everything under way was ended. */
const cancelled = new Error('cancelled');
const shutDown = new Error('the machine goes down');
const progressMs = 500;
const mostTold = 50;
/** Left free on the disk of the agent's state. */
const reservedBytes = 512 * 1024 * 1024;

export type ExportOptions = {
  /** For tests: called at every named point. */
  readonly checkpoint?: (point: string) => void | Promise<void>;
};

/** Makes the file of one site: `main.ts --site-export SITE_ID ID`, as a process of its own. */
export async function runExport(
  settings: AgentSettings,
  [siteId = '', exportId = '']: readonly string[],
  options: ExportOptions = {},
): Promise<void> {
  const where = launcherOf(settings);
  const first = findExport(where, siteId, exportId);
  if (first?.state !== 'starting') return;
  let record: ExportRecord = { ...first, state: 'running', process: selfProcess() };
  const write = async (more: Partial<ExportRecord>): Promise<void> => {
    record = await writeExport(where, { ...record, ...more });
  };
  const logFd = openExportLog(where, record);
  const say = (line: string): void => append(logFd, `${line}\n`);
  const pathOf = (end: Parameters<typeof exportPath>[2]): string => exportPath(where, record, end);
  const stop = new AbortController();
  const watch = setInterval(() => {
    if (isCancelWanted(where, record)) stop.abort(cancelled);
  }, 150);
  const onTerm = (): void => stop.abort(shutDown);
  process.on('SIGTERM', onTerm);
  try {
    await write({});
    const from = where.prefix + record.from;
    const counted = await listFiles({
      from,
      listPath: pathOf('list'),
      say,
      signal: stop.signal,
      isLeftOut: () => false,
      faultOf: createFaultOf(from),
    });
    say(`${counted.files} files, ${counted.bytes} bytes.`);
    if (counted.files > foreignLimits.entries || counted.bytes > foreignLimits.totalBytes) throw tooLarge();
    checkRoom();
    await options.checkpoint?.('listed');
    // Before the files: rows may name files that came after them, and hardly the other way round.
    const databases = await dump();
    await options.checkpoint?.('dumped');
    const packed = await pack(from, counted, roomBehind(databases));
    await options.checkpoint?.('packed');
    const sizeBytes = await assemble(counted, packed, databases);
    await options.checkpoint?.('assembled');
    say(`${record.fileName}: ${sizeBytes} bytes, signed${record.sealing == null ? '' : ', sealed by the passphrase'}.`);
    await write({
      state: 'ready',
      progress: 100,
      process: null,
      sealing: null,
      sizeBytes,
      files: counted.files,
      endedAt: Date.now(),
    });
  } catch (error) {
    // The next start finds the record as it is and takes the export up again.
    if (stop.signal.reason === shutDown || (await isGoingDown(where))) return;
    const isCancelled = stop.signal.reason === cancelled;
    say(isCancelled ? 'Cancelled; nothing was kept.' : `Failed: ${error instanceof Error ? error.message : ''}`);
    removeFile(pathOf('tar'));
    const failure = isCancelled ? null : failureOf(nameFault(error));
    await write({
      state: isCancelled ? 'cancelled' : 'failed',
      failure,
      process: null,
      sealing: null,
      endedAt: Date.now(),
    });
  } finally {
    clearInterval(watch);
    process.off('SIGTERM', onTerm);
    for (const end of ['list', ...dumpEnds, 'part', 'half'] as const) removeFile(pathOf(end));
    closeFile(logFd);
  }

  /** How far it packs is known only then; what does not fit is met on the way, and said. */
  function checkRoom(): void {
    const { bavail, bsize } = statfsSync(where.stateFolder);
    if (bavail * bsize > reservedBytes) return;
    throw new AppError('in_use', 'There is not enough room.', {
      reason: 'copy_no_space',
      params: { neededBytes: reservedBytes, freeBytes: bavail * bsize },
    });
  }

  async function dump(): Promise<PackedDatabase[]> {
    const wanted = record.databaseIds ?? [];
    if (wanted.length === 0) return [];
    const { checkOfSite, dumpForFile } = await import('./dump-databases.ts');
    const databases: PackedDatabase[] = [];
    for (const [index, each] of checkOfSite(where, record.siteId, wanted).entries()) {
      const end = dumpEnds[index];
      if (end === undefined) throw new RangeError('more databases than a file can have');
      const facts = { record: each, to: pathOf(end), signal: stop.signal, mostBytes: roomBehind(databases), say };
      databases.push(await dumpForFile(where, facts));
      stop.signal.throwIfAborted();
    }
    return databases;
  }

  async function pack(
    from: string,
    counted: { readonly files: number; readonly bytes: number },
    mostBytes: number,
  ): Promise<Packed> {
    let [done, told, leftOut] = [0, 0, 0];
    const all = counted.bytes + counted.files * 1_024 + 1;
    const packed = await packFiles({
      reader: where.isRoot ? deployOwner(where, record.linuxUser).identity : undefined,
      from,
      listPath: pathOf('list'),
      to: pathOf('part'),
      signal: stop.signal,
      mostBytes,
      onBytes(count) {
        done += count;
        if (Date.now() - told < progressMs) return;
        told = Date.now();
        void write({ progress: Math.min(95, Math.floor((done / all) * 95)) });
      },
      onLeftOut(line) {
        if (++leftOut <= mostTold) say(`Not as it is now, or left out: ${line}`);
      },
    });
    if (leftOut > mostTold) say(`${leftOut - mostTold} more.`);
    return packed;
  }

  /** Only into a file that is sealed. */
  async function secretsFile(): Promise<{ bytes: Buffer; facts: NonNullable<SiteManifest['secrets']> } | undefined> {
    const { app } = record.description;
    if (record.withSecrets !== true || record.sealing == null || app === null) return undefined;
    const { secretsOf } = await import('../apps/apps.secrets.ts');
    const values = secretsOf(where, record.siteId, secretIdsOf(app));
    const bytes = Buffer.from(JSON.stringify(values));
    return { bytes, facts: { ...sumOf(bytes), variables: Object.keys(values).length } };
  }

  /** Read when the file is put together: a renewal meanwhile goes along. */
  async function certificateFile(): Promise<Buffer | undefined> {
    if (record.tls == null || record.sealing == null) return undefined;
    const { packCertificate } = await import('./file-certificate.ts');
    const bytes = packCertificate(where, record.tls);
    say('The certificate goes along with its key.');
    return bytes;
  }

  async function assemble(
    counted: { readonly files: number; readonly bytes: number },
    packed: Packed,
    databases: readonly PackedDatabase[],
  ): Promise<number> {
    const secrets = await secretsFile();
    const certificate = await certificateFile();
    const manifest = await signManifest(
      backupsFolder(where.stateFolder),
      {
        format: 'aapanel-site/1',
        fileId: newId(),
        createdAt: new Date(record.startedAt).toISOString(),
        panelVersion: agentVersion,
        site: record.description,
        content: { ...counted, ...packed },
        ...(databases.length === 0 ? {} : { databases: [...databases] }),
        ...(secrets === undefined ? {} : { secrets: secrets.facts }),
        ...(certificate === undefined ? {} : { certificate: sumOf(certificate) }),
      },
      Date.now(),
    );
    removeFile(pathOf('half'));
    const fd = openLog(pathOf('half'));
    let size = 0;
    try {
      const plain = archive();
      for await (const bytes of record.sealing == null ? plain : sealed(record.sealing, plain, record.startedAt)) {
        stop.signal.throwIfAborted();
        writeAt(fd, bytes, size);
        size += bytes.length;
      }
      await sync(fd);
    } catch (error) {
      throw errnoOf(error) === 'ENOSPC' ? diskFull(error) : error;
    } finally {
      closeFile(fd);
    }
    const unsynced = new Unsynced();
    removeFile(pathOf('tar'), unsynced);
    movePath(pathOf('half'), pathOf('tar'), unsynced);
    await unsynced.flush();
    return size;

    async function* archive(): AsyncGenerator<Buffer> {
      yield* small(manifestName, manifest);
      if (certificate !== undefined) yield* small(certificateName, certificate);
      yield* file(contentName, pathOf('part'), packed);
      for (const [index, each] of databases.entries())
        yield* file(dumpName(index), pathOf(dumpEnds[index] ?? 'part'), each);
      if (secrets !== undefined) yield* small(secretsName, secrets.bytes);
      yield tarEnd;
    }

    function* small(name: string, bytes: Buffer): Generator<Buffer> {
      yield fileHeader(name, bytes.length);
      yield bytes;
      yield paddingOf(bytes.length);
    }

    async function* file(name: string, path: string, { packedBytes }: Packed): AsyncGenerator<Buffer> {
      const content = openFile(path);
      if (content === undefined) throw new Error(`${name} has gone`);
      try {
        yield fileHeader(name, packedBytes);
        yield* filePieces(content.fd);
        yield paddingOf(packedBytes);
      } finally {
        closeFile(content.fd);
      }
    }
  }
}

function sumOf(bytes: Buffer): { packedBytes: number; sha256: string } {
  return { packedBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Of what one file can hold. */
function roomBehind(databases: readonly PackedDatabase[]): number {
  return mostPackedBytes - databases.reduce((sum, { packedBytes }) => sum + packedBytes, 0);
}

function failureOf(error: unknown): NonNullable<ExportRecord['failure']> {
  if (!(error instanceof AppError)) return { reason: 'site_export_failed', params: {} };
  const params = Object.entries(error.params).filter(
    (each): each is [string, string | number] => typeof each[1] === 'string' || typeof each[1] === 'number',
  );
  return { reason: error.reason ?? 'site_export_failed', params: Object.fromEntries(params) };
}

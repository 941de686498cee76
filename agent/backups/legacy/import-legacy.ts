import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { chmodSync, chownSync, createReadStream, lstatSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { extractArchive } from '../../archives/extract-archive.ts';
import { foreignLimits } from '../../archives/limits.ts';
import { closeFile, look, openFile, readText } from '../../core/files.ts';
import { bytesNeeded, checkSpace, dropHolder, makeHolder } from '../restore/places.ts';
import { takeRestoreLock } from '../restore/restore-lock.ts';
import { swapAll } from '../restore/swap.ts';
import { checkFolder } from '../sources/protected.ts';
import type { BackupWork } from '../work.ts';
import { legacyForm, parseLegacyInfo, type LegacyInfo } from './legacy-info.ts';

/*
 * Backups of the earlier panel (`backup_….tar.gz` with `.info`), behind an explicit word for each version: into a new
 * folder, never into anything that lives. Version 2 is as good as its key; version 1 shows accidents only.
 */

export type LegacyRequest = {
  /** As on the machine, without prefix. */
  readonly path: string;
  /** Folder that does not exist yet. */
  readonly into: string;
  readonly allow: 'v1' | 'v2';
  /** SECRET_KEY of the earlier panel, for v2. */
  readonly oldKey: string | undefined;
  readonly isProduction: boolean;
  readonly targetPaths: readonly string[];
};

const gibibyte = 1024 ** 3;
/** As the earlier panel had them. */
export const legacyLimits = {
  totalBytes: 2 * gibibyte,
  fileBytes: 100 * 1024 ** 2,
  entries: 10_000,
  /** The folder `backup` that all lies in is not counted. */
  depth: 10,
  fileMode: 0o640,
  folderMode: 0o750,
} as const;

const root = 'backup';
const dumpNames = /^database_(sqlite|postgresql|mysql)\.sql$/;
const knownKeys: ReadonlySet<string> = new Set(['fallback-key-for-development', 'dev-secret', 'test-key']);
const shortestKey = 32;

/** Throws `backup_legacy_*`, `backup_aside_exists` and what the reader of archives has. Nothing stays of a refusal. */
export async function importLegacy(work: BackupWork, request: LegacyRequest): Promise<void> {
  checkFolder({ ...work, targets: request.targetPaths }, request.into);
  const into = work.prefix + request.into;
  if (look(into).type !== 'missing')
    throw new AppError('already_exists', 'This exists already.', {
      reason: 'backup_aside_exists',
      params: { path: request.into },
    });
  const info = readInfo(work.prefix + request.path);
  if (info.version !== request.allow)
    throw new AppError('not_allowed', 'This version was not allowed.', {
      reason: 'backup_legacy_flag',
      params: { format: info.version },
    });
  if (info.version === 'v1') {
    work.log(
      'This old backup has no signature: whoever can write the file can forge it. Its MD5 sum shows accidents only.',
    );
    work.report({ what: 'normalised', subject: info.name, reason: 'legacy_unsigned', params: {} });
  } else checkKey(request);
  const file = openFile(work.prefix + request.path);
  if (file === undefined) throw legacyForm('the archive is missing');
  try {
    if (file.stats.size !== info.sizeBytes) throw differs('the size is another');
    await sumsMustHold(info, request.oldKey, (each) => readAgain(file.fd, each));
    await bringAside(work, info, request, file.fd, into);
  } finally {
    closeFile(file.fd);
  }
}

function readInfo(path: string): LegacyInfo {
  // The earlier panel also misnamed it: `x.tar.tar.gz.info` beside `x.tar.gz`.
  const names = [`${path}.info`, path.replace(/\.tar\.gz$/, '.tar.tar.gz.info')];
  for (const name of names) {
    const text = name === path ? undefined : readText(name, 64 * 1024);
    if (text !== undefined) return parseLegacyInfo(text);
  }
  throw legacyForm('there is no .info file');
}

/** A signature under a key that everybody has proves nothing. */
function checkKey({ oldKey, isProduction }: LegacyRequest): void {
  const isWeak = oldKey === undefined || oldKey.length < shortestKey || knownKeys.has(oldKey);
  if (oldKey === undefined || oldKey === '' || (isProduction && isWeak))
    throw new AppError('not_allowed', 'The old key is missing or proves nothing.', { reason: 'backup_legacy_key' });
}

function differs(cause: string): AppError {
  return new AppError('invalid_request', 'The archive is not the one of its .info file.', {
    reason: 'backup_legacy_mismatch',
    cause,
  });
}

async function readAgain(fd: number, take: (chunk: Buffer) => void): Promise<void> {
  const stream = createReadStream('', { fd, start: 0, autoClose: false, highWaterMark: 256 * 1024 });
  for await (const chunk of stream) take(chunk as Buffer);
}

/** SHA-256 and HMAC of v2 in constant time, MD5 of v1. */
async function sumsMustHold(
  info: LegacyInfo,
  oldKey: string | undefined,
  read: (take: (chunk: Buffer) => void) => Promise<void>,
): Promise<void> {
  const hash = createHash(info.version === 'v2' ? 'sha256' : 'md5');
  const hmac = info.version === 'v2' ? createHmac('sha256', oldKey ?? '') : undefined;
  await read((chunk) => {
    hash.update(chunk);
    hmac?.update(chunk);
  });
  const isSame = timingSafeEqual(hash.digest(), Buffer.from(info.version === 'v2' ? info.sha256 : info.md5, 'hex'));
  const isOurs =
    info.version === 'v1' || timingSafeEqual(hmac?.digest() ?? Buffer.alloc(32), Buffer.from(info.hmac, 'hex'));
  if (!isSame || !isOurs) throw differs(isSame ? 'the HMAC is another' : 'the sum is another');
}

async function bringAside(
  work: BackupWork,
  info: LegacyInfo,
  { oldKey, into: shown }: LegacyRequest,
  fd: number,
  into: string,
): Promise<void> {
  checkSpace(dirname(into), bytesNeeded({ bytes: Math.min(legacyLimits.totalBytes, info.sizeBytes * 4), count: 0 }));
  const lock = await takeRestoreLock(work);
  const holder = await makeHolder(work.folder, into);
  try {
    // What is unpacked is what was summed, also when somebody writes to the file meanwhile.
    await sumsMustHold(info, oldKey, async (take) => {
      await extractArchive({
        input: passing(fd, take),
        into: `${holder.path}/new`,
        mode: 'foreign',
        limits: {
          ...foreignLimits,
          entries: legacyLimits.entries,
          totalBytes: legacyLimits.totalBytes,
          depth: legacyLimits.depth + 1,
        },
        machine: work,
        signal: work.signal,
      });
    });
    const counts = settle(holder.at('new'));
    await swapAll(work.folder, work.runId, [{ holder, target: into }]);
    work.report({ what: 'created', subject: shown, reason: 'legacy_imported', params: counts });
  } catch (error) {
    dropHolder(work.folder, holder);
    throw error;
  } finally {
    lock.release();
  }
}

async function* passing(fd: number, take: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  const stream = createReadStream('', { fd, start: 0, autoClose: false, highWaterMark: 256 * 1024 });
  for await (const chunk of stream) {
    take(chunk as Buffer);
    yield chunk as Buffer;
  }
}

/** Files and folders only, below `backup`, none too large; root's own, with fixed modes. */
function settle(folder: string): { files: number; bytes: number } {
  if (readdirSync(folder).some((name) => name !== root)) throw legacyForm('something stands outside of backup/');
  const counts = { files: 0, bytes: 0 };
  const own = (path: string, mode: number): void => {
    if (process.getuid?.() === 0) chownSync(path, 0, 0);
    chmodSync(path, mode);
  };
  const walk = (path: string, isTop: boolean): void => {
    own(path, legacyLimits.folderMode);
    for (const name of readdirSync(path)) {
      const at = `${path}/${name}`;
      const stats = lstatSync(at);
      if (stats.isDirectory()) {
        walk(at, false);
        continue;
      }
      if (!stats.isFile()) throw legacyForm('something in it is neither file nor folder');
      const isDump = isTop && dumpNames.test(name);
      if (stats.size > legacyLimits.fileBytes && !isDump) throw legacyForm('a file in it is too large');
      own(at, legacyLimits.fileMode);
      counts.files++;
      counts.bytes += stats.size;
    }
  };
  own(folder, legacyLimits.folderMode);
  if (readdirSync(folder).includes(root)) walk(`${folder}/${root}`, true);
  return counts;
}

import { createHash } from 'node:crypto';
import { closeSync, constants, createReadStream, createWriteStream, mkdirSync, openSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createZstdDecompress } from 'node:zlib';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#shared/errors.ts';
import { ByteSource } from '../../archives/byte-source.ts';
import type { ArchiveEntry } from '../../archives/entry.ts';
import { readTar } from '../../archives/tar-reader.ts';
import { closeFile, openFile } from '../../core/files.ts';
import { findRing, verifyManifest, type Ring } from '../keys.ts';
import type { DumpPart, Manifest, TreePart } from '../manifest.ts';
import { readRecoveryKey, recoverySubKeys, unwrapRing } from '../recovery-key.ts';
import { checkTree, dressTree } from '../restore/check-tree.ts';
import { mismatch, totalsOf } from '../restore/members.ts';
import { createOwnerOf } from '../restore/owners.ts';
import { bytesNeeded, checkSpace } from '../restore/places.ts';
import type { Core, SourcePart } from '../restore/seam.ts';
import { unpackStream } from '../restore/unpack.ts';
import type { BackupWork, Dump } from '../work.ts';
import { damaged, readHead, unseal } from './envelope.ts';

/*
 * An export back into a target, as a set of its own (`imported`): opened with the recovery key, its manifest verified
 * under the ring that lies in it, every member and dump checked, and only when the whole file was read is anything saved.
 */

export type ImportRequest = {
  /** As on the machine, without prefix. */
  readonly path: string;
  readonly targetId: string;
  /** As printed. Without it: the recovery key of this panel's own ring. */
  readonly recoveryKey?: string;
};

/** Answers the id of the new set. */
export async function importFile(
  work: BackupWork,
  core: Pick<Core, 'createSet'>,
  request: ImportRequest,
): Promise<string> {
  const file = openFile(work.prefix + request.path);
  if (file === undefined)
    throw new AppError('not_found', 'There is no such file.', {
      reason: 'backup_source_missing',
      params: { subject: request.path },
    });
  const folder = `${work.scratch}/import`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  try {
    const source = new ByteSource(createReadStream('', { fd: file.fd, autoClose: false, highWaterMark: 1024 * 1024 }));
    const head = await readHead(source);
    const keys = keysFor(work, request, head.head.recoveryKeyId);
    const parts = await readAll(work, folder, keys, unseal(keys.wrap, head, source));
    work.phase('saving');
    return await core.createSet({ targetId: request.targetId, kind: 'imported', planName: 'import', parts });
  } finally {
    closeFile(file.fd);
    rmSync(folder, { recursive: true, force: true });
  }
}

type Keys = { readonly wrap: Buffer; readonly ringOf: (bytes: Buffer) => Ring };

function keysFor({ folder }: BackupWork, { recoveryKey }: ImportRequest, keyId: string): Keys {
  if (recoveryKey !== undefined) {
    const key = readRecoveryKey(recoveryKey);
    return { wrap: recoverySubKeys(key).wrap, ringOf: (bytes) => unwrapRing(key, bytes) };
  }
  const own = findRing(folder);
  if (own?.recovery?.keyId !== keyId)
    throw new AppError('not_allowed', 'The recovery key of this file is needed.', { reason: 'backup_export_key' });
  return { wrap: Buffer.from(own.recovery.wrap, 'base64'), ringOf: () => own };
}

async function readAll(
  work: BackupWork,
  folder: string,
  keys: Keys,
  plain: AsyncIterable<Buffer>,
): Promise<SourcePart[]> {
  const decompress = createZstdDecompress();
  const feeding = pipeline(Readable.from(plain), decompress, { signal: work.signal });
  feeding.catch(() => undefined);
  try {
    const entries = createEntries(readTar(new ByteSource(decompress)));
    const manifestBytes = await entries.small('manifest.json');
    const ring = keys.ringOf(await entries.small('keyring.json'));
    const { manifest } = verifyManifest(ring, manifestBytes);
    checkRoom(work, manifest);
    const parts = await readParts(work, folder, manifest, entries);
    await entries.end();
    await feeding;
    return parts;
  } catch (error) {
    decompress.destroy();
    // What broke the stream itself says more than what its reader met.
    await feeding.catch((broken: unknown) => {
      if (broken instanceof AppError) throw broken;
    });
    throw error instanceof AppError ? error : damaged(error);
  }
}

function checkRoom(work: BackupWork, { parts }: Manifest): void {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const count = parts.reduce((sum, part) => sum + (part.kind === 'tree' ? part.members.count : 1), 0);
  checkSpace(work.scratch, bytesNeeded({ bytes, count }));
}

async function readParts(
  work: BackupWork,
  folder: string,
  manifest: Manifest,
  entries: Entries,
): Promise<SourcePart[]> {
  const { parts } = manifest;
  for (const [index, part] of parts.entries())
    if (part.kind === 'tree')
      await readMembersList(entries.pieces(`members/${index}`), part, `${folder}/${index}.ndjson`);
  const found: SourcePart[] = [];
  for (const [index, part] of parts.entries()) {
    work.log(`Reading ${part.name}.`);
    const stream = entries.pieces(`parts/${index}`);
    const place = `${folder}/${index}`;
    found.push(part.kind === 'tree' ? await readTree(work, part, stream, place) : await readDump(part, stream, place));
  }
  return found;
}

async function readMembersList(stream: AsyncIterable<Buffer>, part: TreePart, path: string): Promise<void> {
  const { bytes, sha256 } = await store(stream, path, part.members.bytes);
  if (bytes !== part.members.bytes || sha256 !== part.members.sha256)
    throw mismatch(part.name, 'the list of members is another');
}

async function readTree(
  work: BackupWork,
  part: TreePart,
  stream: AsyncIterable<Buffer>,
  place: string,
): Promise<SourcePart> {
  const membersPath = `${place}.ndjson`;
  const totals = await totalsOf(membersPath);
  if (totals.count !== part.members.count || totals.bytes !== part.bytes)
    throw mismatch(part.name, 'the list is of another tree');
  await unpackStream({ work, input: stream, membersPath, totals, into: place });
  const folder = openSync(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await checkTree({ work, folder, membersPath, only: undefined, totals });
    await dressTree({ work, folder, membersPath, only: undefined }, createOwnerOf());
  } finally {
    closeSync(folder);
  }
  return { kind: 'tree', name: part.name, source: part.source, root: place, looks: part.root, excludes: [] };
}

async function readDump(part: DumpPart, stream: AsyncIterable<Buffer>, place: string): Promise<SourcePart> {
  const { bytes, sha256 } = await store(stream, place, part.bytes);
  if (bytes !== part.bytes || sha256 !== part.sha256) throw mismatch(part.name, 'the dump is another');
  const { serverVersion, toolVersion, tables, counts } = part;
  const facts = { bytes, sha256, serverVersion, toolVersion, tables, counts };
  const open = (): Promise<Dump> =>
    Promise.resolve({
      fileName: part.fileName === 'dump.sqlite' ? 'dump.sqlite' : 'dump.sql',
      stream: createReadStream(place),
      facts: Promise.resolve(facts),
    });
  return { kind: 'dump', name: part.name, source: part.source, open };
}

async function store(
  stream: AsyncIterable<Buffer>,
  path: string,
  most: number,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const output = createWriteStream(path, { mode: 0o600, flags: 'wx' });
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > most) break;
    hash.update(chunk);
    if (!output.write(chunk)) await once(output, 'drain');
  }
  output.end();
  await once(output, 'close');
  return { bytes, sha256: hash.digest('hex') };
}

type Entries = {
  /** The whole content of the next entry, which has this name. */
  small(name: string): Promise<Buffer>;
  /** What the next entries `<name>/00000000` … hold together. Read all of it before the next call. */
  pieces(name: string): AsyncGenerator<Buffer>;
  /** Throws when something is left. */
  end(): Promise<void>;
};

const largestSmall = 256 * 1024 * 1024;

function createEntries(archive: AsyncGenerator<ArchiveEntry>): Entries {
  let next: ArchiveEntry | undefined;
  const look = async (): Promise<ArchiveEntry | undefined> => {
    if (next !== undefined) return next;
    const { value, done } = await archive.next();
    next = done === true ? undefined : value;
    if (next !== undefined && next.type !== 'file') throw damaged('an entry is no file');
    return next;
  };
  return {
    async small(name) {
      const entry = await look();
      if (entry?.name !== name || entry.size > largestSmall) throw damaged(`${name} is missing`);
      const chunks: Buffer[] = [];
      if (entry.size > 0) for await (const chunk of entry.content()) chunks.push(Buffer.from(chunk));
      next = undefined;
      return Buffer.concat(chunks);
    },
    async *pieces(name) {
      for (let number = 0; ; number++) {
        const entry = await look();
        const wanted = `${name}/${String(number).padStart(8, '0')}`;
        if (entry?.name !== wanted) {
          if (number === 0) throw damaged(`${name} is missing`);
          return;
        }
        if (entry.size > 0) yield* entry.content();
        next = undefined;
      }
    },
    async end() {
      if ((await look()) !== undefined) throw damaged('there is more than the manifest says');
    },
  };
}

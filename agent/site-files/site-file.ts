import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import { id, instant } from '#shared/http.ts';
import { appVariableValue } from '#shared/site-app.ts';
import { mostSiteFileDatabases, siteFileDatabase, siteFileSite, type siteFileOrigins } from '#shared/site-files.ts';
import { ByteSource } from '../archives/byte-source.ts';
import type { ArchiveEntry } from '../archives/entry.ts';
import { readTar } from '../archives/tar-reader.ts';
import { encodeSigned, findRing, parseSigned, ringOf, signText, verifyText } from '../backups/keys.ts';
import { filePieces } from '../core/file-pieces.ts';
import { closeFile, openFile } from '../core/files.ts';
import { openPlain } from './sealing.ts';

/*
 * A site as one file: a tar of entries in this order.
 *
 *   manifest.json       the settings of the site and the sums of what follows, signed as the manifests of backups are
 *   certificate.json    the site's certificate with its key, when it was asked for; only in a sealed file. It comes first,
 *                       so that a look at a large file reads no further
 *   files.tar.zst       the files of the site
 *   databases/N.sql.zst dumps of databases of the site, when some were asked for
 *   secrets.json        secret variables of its application, when they were asked for; only in a sealed file (sealing.ts)
 *
 * The signature tells a file of this panel from one that somebody has changed. A file of another panel cannot be checked
 * so: its settings are read and its content unpacked by the rules for archives of strangers, as those of our own are.
 */

export const manifestName = 'manifest.json';
export const certificateName = 'certificate.json';
export const contentName = 'files.tar.zst';
/** Name of the dump at this place of the list. */
export const dumpName = (index: number): string => `databases/${index}.sql.zst`;
export const secretsName = 'secrets.json';
const largestManifest = 2 * 1024 * 1024;

const count = z.int().min(0);

const packedFacts = { packedBytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) };

const packedDatabase = siteFileDatabase.extend(packedFacts);
export type PackedDatabase = z.infer<typeof packedDatabase>;

const siteManifest = z.strictObject({
  format: z.literal('aapanel-site/1'),
  fileId: id,
  createdAt: instant,
  panelVersion: z.string().max(50),
  site: siteFileSite,
  content: z.strictObject({
    files: count,
    /** Unpacked. */
    bytes: count,
    ...packedFacts,
  }),
  /** Absent where there are none, as in files of panels that knew none. */
  databases: z.array(packedDatabase).min(1).max(mostSiteFileDatabases).optional(),
  secrets: z.strictObject({ ...packedFacts, variables: count }).optional(),
  certificate: z.strictObject(packedFacts).optional(),
});
export type SiteManifest = z.infer<typeof siteManifest>;

export type SiteFileLook = {
  readonly origin: (typeof siteFileOrigins)[number];
  readonly manifest: SiteManifest;
  /** By a passphrase, as a whole. */
  readonly isSealed: boolean;
};

/** The bytes of `manifest.json`, signed with this panel's key. `folder`: of backups, whose keys these are. */
export async function signManifest(folder: string, content: SiteManifest, now: number): Promise<Buffer> {
  const ring = await ringOf(folder, now);
  return encodeSigned(signText(ring, canonicalJson(siteManifest.parse(content))));
}

function readManifest(folder: string, bytes: Buffer): Omit<SiteFileLook, 'isSealed'> {
  const ring = findRing(folder);
  const keyId = orUnknown(() => parseSigned(bytes)).keyId;
  const isOwn = ring?.keys.some((key) => key.keyId === keyId && key.state !== 'retired') === true;
  const signed = isOwn && ring !== undefined ? orChanged(() => verifyText(ring, bytes)) : parseSigned(bytes);
  const manifest = orUnknown(() => siteManifest.parse(JSON.parse(signed.manifest)));
  return { origin: isOwn ? 'own' : 'other', manifest };
}

function orUnknown<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new AppError('invalid_request', 'This is not the file of a site, or of a newer panel.', {
      reason: 'site_file_unknown',
      cause,
    });
  }
}

function orChanged<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new AppError('invalid_request', 'The file was changed after it was made.', {
      reason: 'site_file_changed',
      cause,
    });
  }
}

function damaged(cause: unknown): AppError {
  return new AppError('invalid_request', 'The file is damaged.', { reason: 'site_file_damaged', cause });
}

/** Its manifest, the signature checked. Throws `site_file_unknown` and `site_file_changed`. */
export async function lookAtSiteFile(path: string, folder: string): Promise<SiteFileLook> {
  return await withSiteFile(path, folder, (seen) => Promise.resolve(seen));
}

/** Reads all of it: throws `site_file_damaged` unless the content is what the manifest says, and nothing follows. */
export async function checkSiteFile(path: string, folder: string, signal: AbortSignal): Promise<SiteFileLook> {
  return await withSiteFile(path, folder, async (seen, entries) => {
    try {
      for (const part of partsOf(seen)) {
        const hash = createHash('sha256');
        for await (const piece of await contentOf(part, entries)) {
          signal.throwIfAborted();
          hash.update(piece);
        }
        if (hash.digest('hex') !== part.sha256) throw new Error(`the content of ${part.name} is another`);
      }
      if ((await entries.next()).done !== true) throw new Error('there is more than the manifest says');
    } catch (cause) {
      signal.throwIfAborted();
      throw damaged(cause);
    }
    return seen;
  });
}

/** Hands out the packed files of one that was checked. */
export async function useContent<T>(
  path: string,
  folder: string,
  use: (content: AsyncIterable<Buffer>, seen: SiteFileLook) => Promise<T>,
): Promise<T> {
  return await withSiteFile(path, folder, async (seen, entries) => {
    return await use(await contentAt(contentName, seen, entries), seen);
  });
}

/** Hands out the packed dump of the database at this place, of a file that was checked. */
export async function useDump<T>(
  path: string,
  folder: string,
  index: number,
  use: (content: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  return await withSiteFile(path, folder, async (seen, entries) => {
    if (seen.manifest.databases?.[index] === undefined) throw damaged('there is no such database');
    return await use(await contentAt(dumpName(index), seen, entries));
  });
}

type Part = { readonly name: string; readonly packedBytes: number; readonly sha256: string };

/** In the order of the file. */
function partsOf({ manifest: { certificate, content, databases = [], secrets } }: SiteFileLook): Part[] {
  return [
    ...(certificate === undefined ? [] : [{ ...certificate, name: certificateName }]),
    { ...content, name: contentName },
    ...databases.map((each, index) => ({ ...each, name: dumpName(index) })),
    ...(secrets === undefined ? [] : [{ ...secrets, name: secretsName }]),
  ];
}

const secretValues = z.record(id, appVariableValue.min(1));

/** Values of secret variables by their ids; empty when the file has none. Throws `site_file_damaged`. */
export async function readSecrets(path: string, folder: string): Promise<Readonly<Record<string, string>>> {
  return await withSiteFile(path, folder, async (seen, entries) => {
    if (seen.manifest.secrets === undefined) return {};
    try {
      return secretValues.parse(JSON.parse(await readSmall(secretsName, seen, entries)));
    } catch (cause) {
      throw damaged(cause);
    }
  });
}

/** What a file says of the site's certificate, unread; undefined: it has none. Throws `site_file_damaged`. */
export async function readPackedCertificate(
  path: string,
  folder: string,
): Promise<{ readonly seen: SiteFileLook; readonly text: string | undefined }> {
  return await withSiteFile(path, folder, async (seen, entries) => {
    if (seen.manifest.certificate === undefined) return { seen, text: undefined };
    try {
      return { seen, text: await readSmall(certificateName, seen, entries) };
    } catch (cause) {
      throw damaged(cause);
    }
  });
}

/** All of a part that is small, its sum compared. */
async function readSmall(name: string, seen: SiteFileLook, entries: AsyncGenerator<ArchiveEntry>): Promise<string> {
  const part = partsOf(seen).find((each) => each.name === name);
  if (part === undefined || part.packedBytes > largestManifest) throw new Error(`there is no such ${name}`);
  const chunks: Buffer[] = [];
  for await (const chunk of await contentAt(name, seen, entries)) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (createHash('sha256').update(bytes).digest('hex') !== part.sha256) throw new Error(`${name} is another`);
  return bytes.toString();
}

/** The content of the part of this name; what stands before it is passed over. */
async function contentAt(
  name: string,
  seen: SiteFileLook,
  entries: AsyncGenerator<ArchiveEntry>,
): Promise<AsyncIterable<Buffer>> {
  for (const part of partsOf(seen)) {
    const content = await contentOf(part, entries);
    if (part.name === name) return content;
  }
  throw damaged(`${name} is missing`);
}

async function contentOf(
  { name, packedBytes }: Part,
  entries: AsyncGenerator<ArchiveEntry>,
): Promise<AsyncIterable<Buffer>> {
  const { value: entry } = await entries.next();
  if (entry?.type !== 'file' || entry.name !== name || entry.size !== packedBytes || packedBytes === 0)
    throw damaged(`${name} is missing`);
  return entry.content();
}

async function withSiteFile<T>(
  path: string,
  folder: string,
  use: (seen: SiteFileLook, entries: AsyncGenerator<ArchiveEntry>) => Promise<T>,
): Promise<T> {
  const file = openFile(path);
  if (file === undefined) throw new AppError('not_found', 'There is no such archive.', { reason: 'archive_unknown' });
  try {
    const { isSealed, plain } = await openPlain(path, new ByteSource(filePieces(file.fd)));
    const entries = readTar(plain);
    const bytes = await firstEntry(entries);
    const look = { ...readManifest(folder, bytes), isSealed };
    // Nothing that opens something is taken from a file that anybody can read.
    const { secrets, certificate } = look.manifest;
    if ((secrets ?? certificate) !== undefined && !isSealed) throw damaged('secrets in a file that is not sealed');
    return await use(look, entries);
  } finally {
    closeFile(file.fd);
  }
}

async function firstEntry(entries: AsyncGenerator<ArchiveEntry>): Promise<Buffer> {
  try {
    const { value: entry } = await entries.next();
    const isIt = entry?.type === 'file' && entry.name === manifestName && entry.size <= largestManifest;
    if (!isIt || entry.size === 0) throw new Error('it does not begin with a manifest');
    const chunks: Buffer[] = [];
    for await (const chunk of entry.content()) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } catch (error) {
    return orUnknown(() => {
      throw error;
    });
  }
}

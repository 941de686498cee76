import { createHash } from 'node:crypto';
import { ArchiveError, showName } from './archive-error.ts';
import { ByteSource } from './byte-source.ts';
import { detectContainer, unpack } from './compression.ts';
import type { ArchiveEntry } from './entry.ts';
import type { ExtractLimits } from './limits.ts';
import { createListing, type Listing } from './listing.ts';
import { createMadeNames } from './made-names.ts';
import { bytesOf, checkLinkTarget, cleanName, type ByteText, type CleanName } from './names.ts';
import { openStaging, type Staging } from './staging.ts';
import { readTar } from './tar-reader.ts';
import { readZip } from './zip-reader.ts';

/*
 * The one way in which an archive becomes files: every entry passes the rules, whoever made or signed the archive. All or
 * nothing is the caller's part: on any error it removes the folder.
 */

/** What the signed manifest says about one name. */
export type ExpectedEntry = {
  readonly type: 'file' | 'folder' | 'symlink';
  readonly sizeBytes?: number;
  readonly sha256?: string;
  /** Target of a symbolic link. */
  readonly target?: ByteText;
  /** The manifest keeps the true bytes of this name (or target) because they do not print. */
  readonly isRawName?: boolean;
  /** Set while the archive is read: it has the entry. */
  isStruck?: true;
};

export type ExtractRules = {
  /** `own`: exactly the names of `expected`, no less and no more. */
  readonly mode: 'foreign' | 'own';
  readonly limits: ExtractLimits;
  /** By name as bytes; for one extraction only. */
  readonly expected?: Map<ByteText, ExpectedEntry>;
  /** Everything is read by the same rules, and nothing is made. */
  readonly onlyLists?: boolean;
  /** Instead of the open folder: gets what would be made. */
  readonly staging?: Staging;
  /** All entries pass the rules, and these are made, with the folders that lead to them. */
  readonly only?: {
    readonly isWanted: (parts: readonly ByteText[]) => boolean;
    readonly leadsTo: (parts: readonly ByteText[]) => boolean;
  };
};

/** Kinds of changes that are made without refusing, each told in the report. */
export const changeKinds = [
  'extras-dropped',
  'folder-mode',
  'leading-dot',
  'owner-ignored',
  'root-folder-ignored',
  'special-bits',
  'time-ignored',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

export type ExtractReport = {
  readonly files: number;
  readonly folders: number;
  readonly symlinks: number;
  readonly hardlinks: number;
  readonly bytes: number;
  /** What was put right or left out, with the first names of each (not for owners: those are never taken). */
  readonly changes: Readonly<Record<ChangeKind, { readonly count: number; readonly names: readonly string[] }>>;
  /** Only when nothing else was asked for. */
  readonly listing?: Listing;
};

const maxNamesPerChange = 20;
/** Paths of folders that link targets go through; kept until the end. */
const maxDeferredBytes = 16 * 1024 * 1024;
/** Times that every file system can keep: 1901 to 2446 (ext4 with small inodes ends earlier and says nothing). */
const earliestSeconds = -(2 ** 31);
const latestSeconds = 15_032_385_535;

/** Reads a whole archive into the open, empty folder `root`. Throws at the first thing that a rule forbids. */
export async function extractInto(
  chunks: AsyncIterable<Buffer>,
  root: number,
  rules: ExtractRules,
): Promise<ExtractReport> {
  const source = new ByteSource(chunks);
  const container = await detectContainer(source);
  const entries =
    container === 'zip'
      ? readZip(source, root, rules.limits)
      : readTar(new ByteSource(unpack(source, container, rules.limits)));
  const work = createWork(root, rules);
  try {
    for await (const entry of entries) await work.take(entry);
    work.finish();
    return work.report();
  } finally {
    work.close();
  }
}

type Work = {
  take(entry: ArchiveEntry): Promise<void>;
  finish(): void;
  report(): ExtractReport;
  close(): void;
};

function createWork(root: number, { mode, limits, expected, onlyLists, staging: given, only }: ExtractRules): Work {
  if ((mode === 'own') !== (expected !== undefined)) throw new TypeError('a list is expected of our own archives only');
  const lister = onlyLists === true ? createListing() : undefined;
  const whole = given ?? lister?.staging ?? openStaging(root);
  const staging = only === undefined ? whole : someOf(whole, only);
  const made = createMadeNames(mode === 'own', limits.entries);
  const counts = { files: 0, folders: 0, symlinks: 0, hardlinks: 0, bytes: 0 };
  const changes = Object.fromEntries(changeKinds.map((kind) => [kind, { count: 0, names: [] as string[] }])) as Record<
    ChangeKind,
    { count: number; names: string[] }
  >;
  const folderTimes: { parts: readonly ByteText[]; seconds: number }[] = [];
  const goneThrough: { folders: readonly ByteText[]; link: ByteText }[] = [];
  let deferredBytes = 0;

  const note = (kind: ChangeKind, path: ByteText): void => {
    const change = changes[kind];
    change.count++;
    if (kind !== 'owner-ignored' && change.names.length < maxNamesPerChange) change.names.push(showName(bytesOf(path)));
  };
  const isRaw = expected && ((path: ByteText): boolean => expected.get(path)?.isRawName === true);

  /** The time to set; undefined (and told) when there is none that can be kept. */
  const timeOf = ({ mtimeSeconds }: ArchiveEntry, path: ByteText): number | undefined => {
    if (mtimeSeconds >= earliestSeconds && mtimeSeconds <= latestSeconds) return mtimeSeconds;
    note('time-ignored', path);
    return undefined;
  };

  /** Strikes an entry from the list of the manifest; throws when it is not what the list says. */
  const strike = (entry: ArchiveEntry, path: ByteText): ExpectedEntry | undefined => {
    if (expected === undefined) return undefined;
    const listed = expected.get(path);
    const type = entry.type === 'hardlink' ? 'file' : entry.type;
    if (listed === undefined || listed.type !== type)
      throw new ArchiveError('manifest', 'The archive has an entry that its manifest does not list.', bytesOf(path));
    const isOther =
      (entry.type === 'file' && listed.sizeBytes !== undefined && listed.sizeBytes !== entry.size) ||
      (entry.type === 'symlink' && listed.target !== undefined && listed.target !== entry.link);
    if (isOther) throw new ArchiveError('manifest', 'An entry is not what the manifest says about it.', bytesOf(path));
    listed.isStruck = true;
    return listed;
  };

  const makeFoldersAbove = (above: readonly ByteText[][]): void => {
    for (const parts of above) {
      const path = parts.join('/');
      if (expected !== undefined && expected.get(path)?.type !== 'folder')
        throw new ArchiveError(
          'manifest',
          'The archive needs a folder that its manifest does not list.',
          bytesOf(path),
        );
      staging.makeFolder(parts);
      counts.folders++;
    }
  };

  const takeFile = async (entry: ArchiveEntry, { parts, path }: CleanName, sha256: string | undefined) => {
    const file = staging.openFile(parts, entry.mode & 0o777);
    const hash = sha256 === undefined ? undefined : createHash('sha256');
    try {
      if (entry.size > 0)
        for await (const chunk of entry.content()) {
          file.write(chunk);
          hash?.update(chunk);
        }
    } catch (error) {
      file.abandon();
      throw error;
    }
    if ((entry.mode & 0o7000) !== 0) note('special-bits', path);
    file.finish(timeOf(entry, path));
    if (hash !== undefined && hash.digest('hex') !== sha256)
      throw new ArchiveError('manifest', 'The content of a file is not what the manifest says.', bytesOf(path));
    counts.files++;
    counts.bytes += entry.size;
  };

  const takeHardLink = (
    target: readonly ByteText[],
    { parts, path }: CleanName,
    listed: ExpectedEntry | undefined,
  ): void => {
    // A second name of a file has no content of its own: the list must say of both the same.
    const other = expected?.get(target.join('/'));
    const isOther =
      (listed?.sha256 !== undefined && listed.sha256 !== other?.sha256) ||
      (listed?.sizeBytes !== undefined && listed.sizeBytes !== other?.sizeBytes);
    if (isOther)
      throw new ArchiveError('manifest', 'A hard link is not what the manifest says about it.', bytesOf(path));
    staging.makeHardLink(parts, target);
    counts.hardlinks++;
  };

  return {
    async take(entry) {
      const clean = cleanName(entry.name, entry.type === 'folder', limits, isRaw);
      const { parts, path } = clean;
      note('owner-ignored', path);
      if (entry.droppedExtras > 0) note('extras-dropped', path);
      if (parts.length === 0) return note('root-folder-ignored', '.');
      if (clean.hadLeadingDot) note('leading-dot', path);
      if (entry.size > limits.totalBytes - counts.bytes)
        throw new ArchiveError('resources', 'The archive is too large once unpacked.', bytesOf(path));
      const through =
        entry.type === 'symlink'
          ? checkLinkTarget(entry.link, parts.slice(0, -1), entry.name, isRaw?.(path) === true)
          : [];
      const linked = entry.type === 'hardlink' ? hardLinkTarget(entry, limits, isRaw) : [];
      if (entry.type === 'hardlink') made.mustBeFile(linked, entry.link);
      const { above, isNew } = made.claim(parts, entry.type);
      const listed = strike(entry, path);
      makeFoldersAbove(above);
      if (through.length > 0) {
        deferredBytes += through.reduce((sum, each) => sum + each.length + 16, 0);
        if (deferredBytes > maxDeferredBytes)
          throw new ArchiveError('resources', 'The targets of the links are too long.', bytesOf(path));
        goneThrough.push({ folders: through, link: entry.name });
      }
      if (entry.type === 'file') {
        await takeFile(entry, clean, listed?.sha256);
      } else if (entry.type === 'hardlink') takeHardLink(linked, clean, listed);
      else if (entry.type === 'symlink') {
        staging.makeSymlink(parts, entry.link, timeOf(entry, path));
        counts.symlinks++;
      } else {
        if (entry.mode !== 0o755) note('folder-mode', path);
        if (isNew) {
          staging.makeFolder(parts);
          counts.folders++;
        }
        const seconds = timeOf(entry, path);
        if (seconds !== undefined) folderTimes.push({ parts, seconds });
      }
    },
    finish() {
      for (const { folders, link } of goneThrough)
        if (!folders.every((each) => made.isFolder(each.split('/'))))
          throw new ArchiveError('symlink-traversal', 'The target of a link goes up from no folder.', bytesOf(link));
      // Folders that the names of others told of stand where the list wants them.
      const missing = expected
        ?.entries()
        .find(
          ([path, { type, isStruck }]) => isStruck !== true && (type !== 'folder' || !made.isFolder(path.split('/'))),
        )?.[0];
      if (missing !== undefined)
        throw new ArchiveError('manifest', 'The archive lacks an entry that its manifest lists.', bytesOf(missing));
      for (const { parts, seconds } of folderTimes) staging.setFolderTime(parts, seconds);
    },
    report: () => ({ ...counts, changes, ...(lister === undefined ? {} : { listing: lister.listing() }) }),
    close: () => staging.close(),
  };
}

function hardLinkTarget(
  entry: ArchiveEntry,
  limits: ExtractLimits,
  isRaw: ((path: ByteText) => boolean) | undefined,
): readonly ByteText[] {
  try {
    // The name of the target has been struck from the list: that it was made at all proves that its bytes are in order.
    return cleanName(entry.link, false, limits, isRaw && (() => true)).parts;
  } catch (error) {
    const isName = error instanceof ArchiveError && error.archiveClass !== 'resources';
    throw isName
      ? new ArchiveError('hardlink-escape', 'The target of a hard link is not allowed.', bytesOf(entry.link), error)
      : error;
  }
}

const unmade = { write: () => undefined, finish: () => undefined, abandon: () => undefined };

/** Makes what is wanted; everything else is read and forgotten. */
function someOf(staging: Staging, { isWanted, leadsTo }: NonNullable<ExtractRules['only']>): Staging {
  return {
    makeFolder: (parts) => (isWanted(parts) || leadsTo(parts) ? staging.makeFolder(parts) : undefined),
    openFile: (parts, mode) => (isWanted(parts) ? staging.openFile(parts, mode) : unmade),
    makeSymlink(parts, target, mtimeSeconds) {
      if (isWanted(parts)) staging.makeSymlink(parts, target, mtimeSeconds);
    },
    makeHardLink(parts, existing) {
      if (!isWanted(parts)) return;
      // Its content belongs to a name that is not made.
      if (!isWanted(existing))
        throw new ArchiveError(
          'hardlink-escape',
          'A hard link needs a file that was not chosen.',
          bytesOf(parts.join('/')),
        );
      staging.makeHardLink(parts, existing);
    },
    setFolderTime(parts, mtimeSeconds) {
      if (isWanted(parts)) staging.setFolderTime(parts, mtimeSeconds);
    },
    close: () => staging.close(),
  };
}

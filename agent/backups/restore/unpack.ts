import { constants, createWriteStream, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extractArchive } from '../../archives/extract-archive.ts';
import { ownLimits } from '../../archives/limits.ts';
import { checkLinkTarget, isCleanText } from '../../archives/names.ts';
import type { Listed } from '../../archives/protocol.ts';
import type { BackupWork } from '../work.ts';
import { mismatch, readMembers, type Member, type Totals } from './members.ts';
import type { OpenSet } from './seam.ts';
import { folderHeader } from './tar-headers.ts';
import type { TreePart } from '../manifest.ts';

/*
 * What is stored of a tree into a folder: through the strict reader, by an unprivileged process. Hashes, owners and modes
 * come afterwards (check-tree.ts).
 */

type Given = {
  readonly work: BackupWork;
  readonly set: OpenSet;
  readonly part: TreePart;
  readonly membersPath: string;
  readonly totals: Totals;
  /** Folder that is made, in one that root alone can reach. */
  readonly into: string;
  /** One member and what lies below it; undefined: all. */
  readonly member: Member | undefined;
};

export async function unpackTree(given: Given): Promise<void> {
  const { work, set, part, member, totals, into } = given;
  if (member?.type === 'file' || member?.type === 'link') {
    mkdirSync(into, 0o700);
    makeAbove(into, member.key);
    if (member.type === 'link') makeLink(into, member);
    else await readOne(given, member);
    return;
  }
  const path = member === undefined ? undefined : utf8(member.key);
  const above = member === undefined ? [] : foldersDownTo(member.key);
  const expected: Listed[] = above.map((name) => ({ name, type: 'folder', ...rawIf(!isCleanText(name)) }));
  for await (const each of readMembers(given.membersPath, path))
    if (each.key !== member?.key) expected.push(entryOf(each));
  const input = startingWith(above, set.repository.readTar(part.snapshot, path));
  await extract({ work, input, into, totals }, expected);
}

/** The tar of a whole tree that comes from elsewhere, by the same rules. */
export async function unpackStream(
  given: Pick<Given, 'work' | 'membersPath' | 'totals' | 'into'> & { readonly input: AsyncIterable<Buffer> },
): Promise<void> {
  const expected: Listed[] = [];
  for await (const each of readMembers(given.membersPath)) expected.push(entryOf(each));
  await extract(given, expected);
}

async function extract(
  { work, input, into, totals }: Pick<Given, 'work' | 'totals' | 'into'> & { readonly input: AsyncIterable<Buffer> },
  expected: readonly Listed[],
): Promise<void> {
  const limits = ownLimits(expected.length, totals.bytes);
  await extractArchive({ input, into, mode: 'own', limits, expected, machine: work, signal: work.signal });
}

/** By the same rule as in an archive: a signed list does not excuse a link that leads out. */
function makeLink(into: string, { key, target = '' }: Member): void {
  const bytes = Buffer.from(target, 'base64');
  checkLinkTarget(bytes.toString('latin1'), key.split('/').slice(0, -1), key, true);
  symlinkSync(bytes, joined(into, key));
}

async function readOne({ work, set, part, into }: Given, member: Member): Promise<void> {
  const path = utf8(member.key);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const fd = openSync(joined(into, member.key), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  let left = member.size ?? 0;
  await pipeline(
    set.repository.readFile(part.snapshot, path),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        left -= chunk.length;
        if (left < 0) throw mismatch(path, 'it is longer than the manifest says');
        yield chunk;
      }
    },
    createWriteStream('', { fd, autoClose: true }),
    { signal: work.signal },
  );
}

/** Folders above one member, as ours: only the member itself leaves the staging place. */
function makeAbove(into: string, key: string): void {
  const parts = key.split('/').slice(0, -1);
  for (const index of parts.keys()) mkdirSync(joined(into, parts.slice(0, index + 1).join('/')), 0o755);
}

function joined(folder: string, key: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(key, 'latin1')]);
}

const utf8 = (key: string): string => Buffer.from(key, 'latin1').toString('utf8');

/** `a`, `a/b`, … down to the folder itself. */
function foldersDownTo(key: string): string[] {
  const parts = key.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The archive of one folder names what is in it by whole paths, but not the folders on the way. */
async function* startingWith(folders: readonly string[], tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for (const folder of folders) yield folderHeader(folder);
  yield* tar;
}

function entryOf({ key, type, size, target }: Member): Listed {
  const link = Buffer.from(target ?? '', 'base64').toString('latin1');
  const raw = rawIf(!isCleanText(key) || !isCleanText(link));
  if (type === 'link') return { name: key, type: 'symlink', target: link, ...raw };
  return type === 'folder' ? { name: key, type, ...raw } : { name: key, type, sizeBytes: size ?? 0, ...raw };
}

const rawIf = (isRawName: boolean): { isRawName?: true } => (isRawName ? { isRawName: true } : {});

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
} from 'node:fs';
import { errnoOf } from '../../core/files.ts';
import type { BackupWork } from '../work.ts';
import { readMembers, shownPath, type Member, type Totals } from './members.ts';

/*
 * What a restore would change: the live tree against the list of members, without bringing anything from the target.
 */

export type Comparison = {
  readonly changed: Totals;
  readonly created: Totals;
  readonly removed: Totals;
  readonly unchanged: Totals;
};

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const order = ['changed', 'created', 'removed', 'unchanged'] as const;

/** `live`: open folder, or undefined when there is none. Reports one line for everything that is not as it would be. */
export async function compareTree(
  work: BackupWork,
  live: number | undefined,
  membersPath: string,
  only: string | undefined,
): Promise<Comparison> {
  const sums = { changed: zero(), created: zero(), removed: zero(), unchanged: zero() };
  const listed = new Set<string>();
  const note = (what: (typeof order)[number], key: string, bytes: number): void => {
    sums[what].count++;
    sums[what].bytes += bytes;
    if (what !== 'unchanged')
      work.report({ what, subject: shownPath(key).slice(0, 4200), reason: null, params: { bytes } });
  };
  for await (const member of readMembers(membersPath, only)) {
    work.signal.throwIfAborted();
    listed.add(member.key);
    note(live === undefined ? 'created' : await lookAt(live, member), member.key, member.size ?? 0);
  }
  if (live !== undefined)
    for (const { key, bytes } of below(live, only)) if (!listed.has(key)) note('removed', key, bytes);
  return sums;
}

const zero = (): { count: number; bytes: number } => ({ count: 0, bytes: 0 });

function pathOf(folder: number, key: string): Buffer {
  return Buffer.from(`/proc/self/fd/${folder}/${key}`, 'latin1');
}

async function lookAt(live: number, member: Member): Promise<'changed' | 'created' | 'unchanged'> {
  const path = openAbove(live, member.key);
  if (path === undefined) return 'created';
  try {
    const stats = lstatSync(path.at, { throwIfNoEntry: false });
    if (stats === undefined) return 'created';
    if (member.type === 'folder') return stats.isDirectory() ? 'unchanged' : 'changed';
    if (member.type === 'link') {
      const isSame = stats.isSymbolicLink() && readlinkSync(path.at, 'buffer').toString('base64') === member.target;
      return isSame ? 'unchanged' : 'changed';
    }
    if (!stats.isFile() || stats.size !== member.size) return 'changed';
    return (await sumOf(path.at)) === member.sha256 ? 'unchanged' : 'changed';
  } catch (error) {
    // Gone, or become a link, between two looks.
    if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(errnoOf(error))) return 'changed';
    throw error;
  } finally {
    path.close();
  }
}

/** The last folder on the way to a member, opened one by one without following a link. */
function openAbove(live: number, key: string): { at: Buffer; close: () => void } | undefined {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  let fd = live;
  const close = (): void => (fd === live ? undefined : closeSync(fd));
  for (const part of parts) {
    const parent = fd;
    try {
      fd = openSync(pathOf(parent, part), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    } catch {
      fd = parent;
      close();
      return undefined;
    }
    if (parent !== live) closeSync(parent);
  }
  return { at: pathOf(fd, name), close };
}

async function sumOf(path: Buffer): Promise<string> {
  const hash = createHash('sha256');
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!fstatSync(fd).isFile()) {
    closeSync(fd);
    return '';
  }
  for await (const chunk of createReadStream('', { fd, highWaterMark: 256 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Everything below a folder of the live tree, files with their size. */
function* below(live: number, only: string | undefined): Generator<{ key: string; bytes: number }> {
  const first = only === undefined ? '' : Buffer.from(only, 'utf8').toString('latin1');
  const waiting = [first];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const path = openAbove(live, folder === '' ? '.' : `${folder}/.`);
    if (path === undefined) continue;
    try {
      const entries = opendirSync(path.at as unknown as string, { encoding: 'buffer' as BufferEncoding });
      try {
        for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
          const name = (entry.name as unknown as Buffer).toString('latin1');
          const key = folder === '' ? name : `${folder}/${name}`;
          const at = Buffer.concat([path.at, Buffer.from(`/${name}`, 'latin1')]);
          yield { key, bytes: entry.isFile() ? (lstatSync(at, { throwIfNoEntry: false })?.size ?? 0) : 0 };
          if (entry.isDirectory()) waiting.push(key);
        }
      } finally {
        entries.closeSync();
      }
    } catch (error) {
      if (errnoOf(error) !== 'ENOTDIR' && errnoOf(error) !== 'ENOENT') throw error;
    } finally {
      path.close();
    }
  }
}

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  openSync,
  opendirSync,
  readlinkSync,
} from 'node:fs';
import type { BackupWork } from '../work.ts';
import { mismatch, readMembers, shownPath, type Member, type Totals } from './members.ts';
import type { OwnerOf } from './owners.ts';

/*
 * What came out of the archive against what is signed: every member once, and nothing else. Then owners, modes and times
 * are put from the list, so that nothing of the archive's own headers is left.
 */

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

type Given = {
  readonly work: BackupWork;
  /** Open folder of what was extracted; below it paths are as in the list. */
  readonly folder: number;
  readonly membersPath: string;
  readonly only: string | undefined;
  /** Folders above `only`, which the list does not have to name. */
  readonly totals: Totals;
};

/** Throws `backup_mismatch` for the first thing that is missing, differs or is too much. */
export async function checkTree(given: Given): Promise<void> {
  const { work, folder, totals } = given;
  let bytes = 0;
  let count = 0;
  for await (const member of readMembers(given.membersPath, given.only)) {
    work.signal.throwIfAborted();
    await checkMember(folder, member);
    count++;
    bytes += member.size ?? 0;
    if (count % 256 === 0) work.phase('checking', totals.bytes === 0 ? 0 : (bytes / totals.bytes) * 100);
  }
  const above = given.only === undefined ? 0 : given.only.split('/').length - 1;
  const found = countEntries(folder);
  if (found !== count + above) throw mismatch('members', `${found} things stand where ${count + above} should`);
}

/** Owners, modes and times of everything, from the list. */
export async function dressTree(
  { work, folder, membersPath, only }: Omit<Given, 'totals'>,
  ownerOf: OwnerOf,
): Promise<void> {
  for await (const member of readMembers(membersPath, only)) dress(work, folder, member, ownerOf);
}

function pathOf(folder: number, key: string): Buffer {
  return Buffer.from(`/proc/self/fd/${folder}/${key}`, 'latin1');
}

async function checkMember(folder: number, member: Member): Promise<void> {
  const path = pathOf(folder, member.key);
  const shown = shownPath(member.key);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw mismatch(shown, 'a member is missing');
  if (member.type === 'folder') {
    if (!stats.isDirectory()) throw mismatch(shown, 'it is no folder');
    return;
  }
  if (member.type === 'link') {
    const isSame = stats.isSymbolicLink() && readlinkSync(path, 'buffer').toString('base64') === member.target;
    if (!isSame) throw mismatch(shown, 'it is no link, or one to elsewhere');
    return;
  }
  if (!stats.isFile() || stats.size !== member.size) throw mismatch(shown, 'it is no file of this size');
  if ((await sumOf(path)) !== member.sha256) throw mismatch(shown, 'the content has another sum');
}

async function sumOf(path: Buffer): Promise<string> {
  const hash = createHash('sha256');
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  for await (const chunk of createReadStream('', { fd, highWaterMark: 256 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Owner, mode and times of one member. Files never get special bits, whatever the list says. */
export function dress(work: BackupWork, folder: number, member: Member, ownerOf: OwnerOf): void {
  const path = pathOf(folder, member.key);
  const { uid, gid, isReplaced } = ownerOf(member);
  const seconds = member.modifiedMs / 1000;
  const subject = shownPath(member.key).slice(0, 4200);
  if (isReplaced && work.isRoot)
    work.report({
      what: 'normalised',
      subject,
      reason: 'owner_replaced',
      params: { user: member.user, uid: member.uid },
    });
  if (member.type === 'link') {
    if (work.isRoot) lchownSync(path, uid, gid);
    lutimesSync(path, seconds, seconds);
    return;
  }
  const isFile = member.type === 'file';
  const mode = member.mode & (isFile ? 0o777 : 0o3777);
  if (mode !== member.mode)
    work.report({ what: 'normalised', subject, reason: 'special_bits_removed', params: { mode: octal(member.mode) } });
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | (isFile ? O_NONBLOCK : O_DIRECTORY));
  try {
    if (work.isRoot) fchownSync(fd, uid, gid);
    // After the owner: a change of it takes the set-group-ID bit away.
    fchmodSync(fd, mode);
    futimesSync(fd, seconds, seconds);
  } finally {
    closeSync(fd);
  }
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** Everything below an open folder, the folder itself not counted. */
export function countEntries(folder: number): number {
  let count = 0;
  const waiting = [Buffer.from(`/proc/self/fd/${folder}`)];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    // Node's types leave bytes out here; the function takes them.
    const entries = opendirSync(path as unknown as string, { encoding: 'buffer' as BufferEncoding });
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        count++;
        if (entry.isDirectory()) waiting.push(Buffer.concat([path, Buffer.from('/'), entry.name as unknown as Buffer]));
      }
    } finally {
      entries.closeSync();
    }
  }
  return count;
}
